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
        // The own row sticks to the bottom as long as it is not in sight itself.
        useEffect(
            (own) => {
                this.state.isMeInSight = false;
                if (!own) {
                    return;
                }
                const observer = new IntersectionObserver(
                    ([entry]) => (this.state.isMeInSight = entry.isIntersecting),
                    { threshold: 0.6 }
                );
                observer.observe(own);
                return () => observer.disconnect();
            },
            () => [this.root.el?.querySelector("[data-row=me]")]
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

    get hiddenText() {
        const { hidden } = this.props.board;
        return hidden === 1 ? _t("1 more is not shown.") : _t("%s more are not shown.", hidden);
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
        own?.scrollIntoView({ block: "center" });
    }

    amount(line, value) {
        return full(value, {
            unit: line.unit || "count",
            currency_id: this.props.board.contest.currency_id,
        });
    }
}
