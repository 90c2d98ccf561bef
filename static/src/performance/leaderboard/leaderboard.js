import { Component, onWillDestroy, onWillStart, useState } from "@odoo/owl";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { browser } from "@web/core/browser/browser";
import { serializeDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { reasonOf } from "@sales_process/base/refusal";
import { useLiveContest } from "./live_contest";
import { LeaderboardMe } from "./leaderboard_me";
import { LeaderboardRanking } from "./leaderboard_ranking";
import { isOf } from "./leaderboard_rows";
import { day, daysBetween, lastDay, moment, placesText, timeText } from "./leaderboard_texts";

const MODEL = "sales.contest";
const LED = 20;
const LAST_CONTEST = "sales_process.contest";
const SEEN_RULES = "sales_process.contest_rules.";

/** Who stands where in a contest, what would move me up, and what there is to win. */
export class Leaderboard extends Component {
    static template = "sales_process.Leaderboard";
    static components = { Layout, LeaderboardMe, LeaderboardRanking };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.notification = useService("notification");
        this.celebration = useService("sales_celebration");
        this.keepLast = new KeepLast();
        Object.assign(this, { day, lastDay, moment, placesText, timeText });
        const { params, context } = this.props.action;
        this.state = useState({
            contests: [],
            contestId: params?.contest_id || context?.contest_id || null,
            leagueId: null, // null: one's own, else the first
            board: null,
            error: "",
            isLoading: true,
            isCelebrating: true,
            isRulesSeen: false,
            ...this.props.state?.choice,
        });
        useSetupAction({
            getLocalState: () => ({
                choice: { contestId: this.state.contestId, leagueId: this.state.leagueId },
            }),
        });
        this.env.config.setDisplayName(_t("Leaderboard"));
        this.live = useLiveContest(() => this.load());
        onWillStart(async () => {
            [this.isLeader, this.isDirector] = await Promise.all([
                user.hasGroup("sales_process.group_leader"),
                user.hasGroup("sales_process.group_director"),
            ]);
            await Promise.all([this.loadContests(), this.loadWish()]);
            await this.load();
        });
        onWillDestroy(() => (this.isGone = true));
    }

    // === DATA === //

    /** Contests I take part in, then those of the people I lead. */
    async loadContests() {
        try {
            const [own, led] = await Promise.all([
                this.orm.silent.call(MODEL, "get_my_contests", []),
                this.isLeader ? this.loadLed() : [],
            ]);
            const known = new Set(own.map(({ id }) => id));
            this.state.contests = [...own, ...led.filter(({ id }) => !known.has(id))];
        } catch (error) {
            this.fail(error);
        }
    }

    async loadLed() {
        const records = await this.orm.silent.searchRead(
            MODEL,
            [["state", "in", ["running", "ended"]]],
            ["display_name", "state", "date_from", "date_to"],
            { limit: LED, order: "state desc, date_to desc, id desc" }
        );
        const today = serializeDate(luxon.DateTime.now());
        return records.map(({ display_name, ...contest }) => ({
            ...contest,
            name: display_name,
            days_left: daysBetween(today, contest.date_to),
        }));
    }

    async loadWish() {
        const fields = ["sales_celebrate"];
        const [me] = await this.orm.silent.read("res.users", [user.userId], fields);
        this.state.isCelebrating = Boolean(me?.sales_celebrate);
    }

    fail(error) {
        this.state.error = reasonOf(error);
        this.state.isLoading = false;
    }

    /** Ask the server; an answer that comes after a newer question is dropped. */
    async load() {
        const contestId = this.state.contestId || this.lastContestId;
        if (!contestId || this.isGone) {
            this.state.isLoading = false;
            return;
        }
        this.state.contestId = contestId;
        this.state.isLoading = true;
        try {
            const board = await this.keepLast.add(
                this.orm.silent.call(MODEL, "get_leaderboard", [contestId])
            );
            this.show(board);
        } catch (error) {
            this.fail(error);
        }
    }

    /** The one looked at before in this tab, else the first. */
    get lastContestId() {
        const { contests } = this.state;
        const last = Number(browser.sessionStorage.getItem(LAST_CONTEST));
        return (contests.find(({ id }) => id === last) || contests[0])?.id;
    }

    show(board) {
        const { board: before } = this.state;
        Object.assign(this.state, { board, error: "", isLoading: false });
        const { id, version } = board.contest;
        this.state.isRulesSeen = browser.localStorage.getItem(SEEN_RULES + id) === String(version);
        this.live.follow(board.contest.state === "running" ? id : null);
        browser.sessionStorage.setItem(LAST_CONTEST, id);
        const listed = this.state.contests.find((contest) => contest.id === id);
        if (listed && board.me) {
            Object.assign(listed, { rank: board.me.rank, of: board.me.of });
        }
        this.celebrateMove(before, board);
    }

    /** A prize place was reached while one looked on. */
    celebrateMove(before, board) {
        const isNew = before?.contest.id === board.contest.id && before.me && board.me;
        const holds = ({ me }) => me.prize && !me.opted_out && me.prize.points <= 0;
        if (isNew && board.contest.celebrate && this.state.isCelebrating) {
            if (holds(board) && !holds(before)) {
                this.celebration.celebrate({
                    title: _t("You reached place %s", board.me.rank),
                    text: board.me.prize.name,
                });
            }
        }
    }

    // === WHAT IS SHOWN === //

    get contest() {
        return this.state.board.contest;
    }

    /** Whether the picker above names the contest already. */
    get isListed() {
        const { contests } = this.state;
        return contests.length > 1 && contests.some(({ id }) => id === this.contest.id);
    }

    get leagues() {
        return this.state.board.leagues;
    }

    get league() {
        const { me } = this.state.board;
        return (
            this.leagues.find(({ id }) => id === this.state.leagueId) ||
            (me && this.leagues.find((league) => isOf(league, me.league))) ||
            this.leagues[0] ||
            null
        );
    }

    get leagueText() {
        const { promote, demote } = this.league;
        if (promote && demote) {
            return _t("Up: the first %(up)s. Down: the last %(down)s.", {
                up: promote,
                down: demote,
            });
        }
        if (promote) {
            return _t("The first %s move up when the season ends.", promote);
        }
        return demote ? _t("The last %s move down when the season ends.", demote) : "";
    }

    get dates() {
        const { date_from, date_to } = this.contest;
        return _t("%(first)s to %(last)s", { first: day(date_from), last: lastDay(date_to) });
    }

    get versionText() {
        const { version, version_note } = this.contest;
        return version_note
            ? _t("The rules changed (version %(number)s): %(note)s", {
                  number: version,
                  note: version_note,
              })
            : _t("The rules changed (version %s).", version);
    }

    get isVersionShown() {
        return this.contest.version > 1 && !this.state.isRulesSeen;
    }

    weightText({ name, weight }) {
        return this.contest.metrics.length > 1 ? `${name} · ${weight} %` : name;
    }

    prizesOf(league) {
        const { prizes } = this.contest;
        return league
            ? prizes.filter(({ league_id }) => !league_id || league_id === league.id)
            : prizes;
    }

    // === CHOICES === //

    setContest(contestId) {
        Object.assign(this.state, { contestId: Number(contestId), leagueId: null });
        return this.load();
    }

    setLeague({ id }) {
        this.state.leagueId = id;
    }

    /** Arrow keys go from tab to tab. */
    onTabKey(ev) {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[ev.key];
        if (!step) {
            return;
        }
        ev.preventDefault();
        const tabs = [...ev.currentTarget.querySelectorAll("[role=tab]")];
        const place = tabs.indexOf(ev.target.closest("[role=tab]")) + step;
        const tab = tabs.at(place % tabs.length);
        tab.focus();
        tab.click();
    }

    hideVersion() {
        browser.localStorage.setItem(SEEN_RULES + this.contest.id, this.contest.version);
        this.state.isRulesSeen = true;
    }

    // === ACTIONS === //

    async call(method) {
        try {
            await this.orm.call(MODEL, method, [[this.contest.id]]);
        } catch (error) {
            this.notification.add(error.data?.message || String(error), { type: "warning" });
        }
        await Promise.all([this.loadContests(), this.load()]);
    }

    optOut() {
        this.dialog.add(ConfirmationDialog, {
            title: _t("Stop taking part?"),
            body: _t(
                "You get no place and no prize, and nobody sees you in the ranking. You can take part again while the contest runs."
            ),
            confirmLabel: _t("Stop Taking Part"),
            confirm: () => this.call("action_opt_out"),
            cancel: () => {},
        });
    }

    optIn() {
        return this.call("action_opt_in");
    }

    async toggleCelebrating() {
        const wish = !this.state.isCelebrating;
        await this.orm.write("res.users", [user.userId], { sales_celebrate: wish });
        this.state.isCelebrating = wish;
    }

    openContests() {
        return this.action.doAction("sales_process.sales_contest_action");
    }
}

registry.category("actions").add("sales_process.leaderboard", Leaderboard);
