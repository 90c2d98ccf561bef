"""Find what a process file refers to, by names that mean the same everywhere."""


class PackReferences:
    """Records of this database that a process file means.

    :ivar teams: the teams the process is loaded for; empty: all teams
    """

    def __init__(self, env, teams=None):
        self.env = env
        self.teams = env["crm.team"] if teams is None else teams
        self._stage_names = None

    # === STAGES OF THE PIPELINE === #

    def find_stage(self, entry):
        """The ``crm.stage`` a stage of the file means, in any language; else empty.

        Stages of the chosen teams come first, then those of all teams. Stages of other
        teams are taken only when the process is for all teams.
        """
        stages = self.env["crm.stage"].search([])
        wins = bool(entry.get("is_won"))
        fitting = stages.filtered(lambda s: s.is_won == wins and self._fits(s))
        texts = [entry.get("name"), *self._texts(entry.get("name_i18n"))]
        wanted = {t.strip().casefold() for t in texts if isinstance(t, str)}
        found = fitting.filtered(lambda s: wanted & self._names_of(s))
        if not found and wins and len(fitting) == 1:
            found = fitting  # there is one way to win, whatever it is called here
        return found.sorted(lambda s: (not s.team_ids & self.teams, bool(s.team_ids)))[
            :1
        ]

    def _fits(self, stage):
        return not self.teams or not stage.team_ids or stage.team_ids & self.teams

    @staticmethod
    def _texts(translations):
        return translations.values() if isinstance(translations, dict) else ()

    def _names_of(self, stage):
        """Names of a stage in all installed languages, ready to compare."""
        if self._stage_names is None:
            self._stage_names = {}
            languages = [code for code, _name in self.env["res.lang"].get_installed()]
            for lang in {None, *languages}:
                for each in self.env["crm.stage"].with_context(lang=lang).search([]):
                    names = self._stage_names.setdefault(each.id, set())
                    names.add((each.name or "").strip().casefold())
        return self._stage_names.get(stage.id, set())

    def create_stages(self, entries, found):
        """The stage of each entry, in order; those not found are created.

        A new stage gets a free place behind the one before it. Existing ones stay as
        they are: their order drives the columns of everybody's pipeline.

        :param list entries: the stages of the file
        :param list found: what :meth:`find_stage` gave for each
        """
        stages = []
        for index, (entry, stage) in enumerate(zip(entries, found, strict=True)):
            if not stage:
                stage = self.env["crm.stage"].with_context(lang=None)
                stage = stage.create(
                    {
                        "name": entry["name"],
                        "is_won": bool(entry.get("is_won")),
                        "sequence": self._new_sequence(entry, stages, found[index:]),
                        "team_ids": self.teams.ids,
                    }
                )
                self._stage_names = None
            stages.append(stage)
        return stages

    def _new_sequence(self, entry, before, after):
        """A free place behind ``before``, in front of the next stage that exists."""
        used = self.env["crm.stage"].search([])
        following = next((stage for stage in after if stage), used.browse())
        if entry.get("is_won"):
            return max([*used.mapped("sequence"), 0]) + 1
        if before:
            floor = before[-1].sequence
        else:
            ahead = used.filtered(
                lambda s: (
                    not s.is_won and (not following or s.sequence < following.sequence)
                )
            )
            floor = max([*ahead.mapped("sequence"), 0])
        taken = set(used.mapped("sequence"))
        place = next(
            n for n in range(floor + 1, floor + len(taken) + 2) if n not in taken
        )
        # Without room the order of the columns differs; the process says so.
        return floor if following and place >= following.sequence else place

    # === REFERENCES === #

    def find_activity_type(self, criterion):
        """The activity type of a criterion, by external id or name; else empty."""
        domain = [("res_model", "in", (False, "crm.lead"))]
        return self._find("mail.activity.type", criterion["activity_type"], domain)

    def find_plan(self, stage):
        """The activity plan of a stage; empty when it is not in this database."""
        domain = [("res_model", "=", "crm.lead")]
        return self._find("mail.activity.plan", stage["activity_plan"], domain)

    def find_material(self, field, entry):
        """A piece of content or a template of a stage, by external id or name."""
        model = self.env["sales.process.stage"]._fields[field].comodel_name
        domain = [("model", "=", "crm.lead")] if model == "mail.template" else []
        return self._find(model, entry, domain)

    def find_currency(self, data):
        """The currency of the minimum amounts, when it is active here."""
        return self.env["res.currency"].search(
            [("name", "=", data.get("currency"))], limit=1
        )

    def _find(self, model, entry, domain):
        if not isinstance(entry, dict):
            entry = {"name": str(entry)}
        found = self.env[model]
        if entry.get("xmlid"):
            found = self.env.ref(str(entry["xmlid"]), raise_if_not_found=False)
            if not found or found._name != model or not found.filtered_domain(domain):
                found = self.env[model]
        if not found and entry.get("name"):
            names = [("name", "=", str(entry["name"]))]
            for lang in (None, self.env.lang):
                found = found or self.env[model].with_context(lang=lang).search(
                    [*domain, *names], limit=1
                )
        return found.with_context(lang=self.env.lang)

    def _label(self, entry):
        if isinstance(entry, dict):
            return entry.get("name") or entry.get("xmlid") or "?"
        return str(entry)
