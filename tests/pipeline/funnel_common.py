from .pipeline_common import PipelineCommon


class FunnelCommon(PipelineCommon):
    """Seven short lives, told in days since 1 January 2024, 08:00 UTC.

    ========  ==========================================================
    Ann       0 Meet, 4 Prove, 10 Close, 16 won (1,000)
    Bob       0 Meet, 6 Prove, 12 lost
    Cid       0 Meet, 8 lost
    Dan       1 Meet, 5 Prove, 9 Meet, 11 Prove, 20 Close, 30 won (3,000)
    Eve       2 Meet
    Fay       3 Meet, 13 Prove (500)
    Gus       0 Meet, 2 lost
    ========  ==========================================================
    """

    LIVES = {
        "Ann": "0 meet 4 prove 10 close 16 won",
        "Bob": "0 meet 6 prove 12 lost",
        "Cid": "0 meet 8 lost",
        "Dan": "1 meet 5 prove 9 meet 11 prove 20 close 30 won",
        "Eve": "2 meet",
        "Fay": "3 meet 13 prove",
        "Gus": "0 meet 2 lost",
    }
    AMOUNTS = {"Ann": 1000, "Dan": 3000, "Fay": 500}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.resource_calendar_id.tz = "UTC"
        cls._before_lives()
        cls.deals = {
            name: cls._live(name, life, expected_revenue=cls.AMOUNTS.get(name, 0))
            for name, life in cls.LIVES.items()
        }

    @classmethod
    def _before_lives(cls):
        """Stages and exit criteria can only change while no deal follows them."""

    @classmethod
    def _live(cls, name, life, **values):
        """A deal with this life, written into the history day by day."""
        deal = None
        words = life.split()
        for day, what in zip(words[::2], words[1::2], strict=True):
            if deal is None:
                deal = cls._deal(name, **values)
            if what == "lost":
                deal.action_set_lost()
            elif what == "won":
                deal.action_set_won()
            else:
                deal.stage_id = getattr(cls, what)
            cls._record_at(cls, float(day), deal)
        return deal

    def _options(self, **options):
        return {"process_id": self.process.id, **options}

    def _funnel(self, user=None, **options):
        report = self.env["sales.funnel.report"].with_user(user or self.director_user)
        return report.get_funnel(self._options(**options))

    def _stage(self, funnel, stage):
        return next(s for s in funnel["stages"] if s["stage_id"] == stage.id)

    def assertFigures(self, figures, **expected):
        for name, value in expected.items():
            found = figures[name]
            if isinstance(value, float):
                self.assertAlmostEqual(found, value, 2, name)
            else:
                self.assertEqual(found, value, name)
