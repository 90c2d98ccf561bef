import { Component, useEffect, useRef, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { full } from "@sales_process/target/board/board_texts";
import { useRankMoves } from "./rank_moves";
import { rankingOf } from "./leaderboard_rows";
import { inPoints, moved, nameOf, points, streakText } from "./leaderboard_texts";

/** The podium, everybody else below, and the own place whatever is scrolled. */
export class LeaderboardRanking extends Component {
    static template = "sales_process.LeaderboardRanking";
    static props = {
        board: Object,
        league: { type: [Object, { value: null }], optional: true },
    };

    setup() {
        Object.assign(this, { full, inPoints, moved, nameOf, points, streakText });
        this.root = useRef("root");
        this.state = useState({ open: null, isMeInSight: false });
        useRankMoves(this.root, () => this.props.board.updated_on);
        // The own place sticks to the bottom as long as it is nowhere else in sight.
        useEffect(
            (...places) => {
                const inSight = new Set();
                const observer = new IntersectionObserver(
                    (entries) => {
                        for (const { target, isIntersecting } of entries) {
                            inSight[isIntersecting ? "add" : "delete"](target);
                        }
                        this.state.isMeInSight = inSight.size > 0;
                    },
                    { threshold: 0.6 }
                );
                this.state.isMeInSight = false;
                places.filter(Boolean).forEach((place) => observer.observe(place));
                return () => observer.disconnect();
            },
            () => [
                this.root.el?.querySelector("[data-row=me]"),
                document.querySelector(".o_sales_me .o_my_rank"),
            ]
        );
    }

    get ranking() {
        return rankingOf(this.props.board, this.props.league);
    }

    get opened() {
        return this.ranking.podium.find(({ key }) => key === this.state.open);
    }

    get me() {
        const { me } = this.props.board;
        return me && !me.opted_out && me.rank ? me : null;
    }

    /** How many come after the last row; who stands between rows is said there. */
    get after() {
        const gaps = this.ranking.rest.reduce((sum, { count }) => sum + (count || 0), 0);
        return this.props.league ? 0 : Math.max(this.props.board.hidden - gaps, 0);
    }

    get meText() {
        return this.props.board.contest.kind === "team" ? _t("(my team)") : _t("(me)");
    }

    get icon() {
        return this.props.board.contest.kind === "team" ? "fa-users" : "fa-user";
    }

    gapText({ count }) {
        return count === 1 ? _t("1 not shown") : _t("%s not shown", count);
    }

    zoneText({ zone }) {
        return zone === "up" ? _t("Moves up") : _t("Moves down");
    }

    detailsText(row) {
        return _t("What the points of %s are made of", nameOf(row));
    }

    hasLines(row) {
        return Boolean(row.lines?.length);
    }

    toggle({ key }) {
        this.state.open = this.state.open === key ? null : key;
    }

    /** Bring the own row to where it can be seen. */
    findMe() {
        const own = this.root.el.querySelector("[data-row=me]");
        const place = own || document.querySelector(".o_sales_me");
        place?.scrollIntoView({ block: "center" });
    }

    amount(line, value) {
        return full(value, {
            unit: line.unit || "count",
            currency_id: this.props.board.contest.currency_id,
        });
    }
}
