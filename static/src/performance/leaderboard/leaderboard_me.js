import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { full } from "@sales_process/target/board/board_texts";
import { isOf } from "./leaderboard_rows";
import { inPoints, moved, points, streakText } from "./leaderboard_texts";

/** Where I stand, and what would move me up. */
export class LeaderboardMe extends Component {
    static template = "sales_process.LeaderboardMe";
    static props = { board: Object, onOptOut: Function, onOptIn: Function };

    setup() {
        Object.assign(this, { inPoints, points, streakText });
    }

    get contest() {
        return this.props.board.contest;
    }

    get me() {
        return this.props.board.me;
    }

    get league() {
        const { leagues } = this.props.board;
        return leagues.find((league) => isOf(league, this.me.league));
    }

    get isRunning() {
        return this.contest.state === "running";
    }

    get move() {
        return moved(this.me.change);
    }

    get minimumText() {
        return _t("Prizes begin at %s.", inPoints(this.contest.minimum));
    }

    /** What is missing to the next place. */
    get nextText() {
        const { rank, points: missing, name } = this.me.next;
        const values = { points: inPoints(missing), rank, name };
        return name
            ? _t("%(points)s to place %(rank)s (%(name)s)", values)
            : _t("%(points)s to place %(rank)s", values);
    }

    get ways() {
        return (this.me.next?.ways || []).map((way) => way.text || this.wayText(way));
    }

    wayText({ metric, amount, unit }) {
        const { currency_id } = this.contest;
        return _t("%(amount)s more of %(metric)s", {
            amount: full(amount, { unit, currency_id }),
            metric,
        });
    }

    /** The prize that is held, or the nearest. */
    get prizeText() {
        const { name, rank, points: missing } = this.me.prize;
        if (this.contest.state === "ended") {
            return missing > 0 ? "" : _t("You won: %s", name);
        }
        if (missing > 0) {
            return _t("%(points)s to place %(rank)s: %(prize)s", {
                points: inPoints(missing),
                rank,
                prize: name,
            });
        }
        return _t("A prize place as it stands: %s", name);
    }

    get mayOptOut() {
        return this.contest.allow_opt_out && this.isRunning;
    }
}
