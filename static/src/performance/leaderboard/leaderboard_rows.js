/**
 * What stands where in a ranking.
 *
 * Rows carry no ids, so that nobody learns who a hidden one is. What tells them apart
 * across reloads is what everybody sees of them.
 */

const PODIUM = 3;

export const isOf = (league, value) =>
    !league || value === league.id || value === league.name || value?.id === league.id;

/** Rows with a key each, stable as long as name and picture are. */
export function keyed(rows) {
    const seen = new Map();
    return rows.map((row) => {
        const base = row.is_me ? "me" : `${row.name}|${row.avatar || ""}`;
        const count = seen.get(base) || 0;
        seen.set(base, count + 1);
        return { ...row, key: count ? `${base}#${count}` : base };
    });
}

/** Which way a row of a league goes at the end of the season: up, down or "". */
export function zoneOf(row, league, of) {
    if (!league || !row.rank || !row.is_qualified) {
        return "";
    }
    if (league.promote && row.rank <= league.promote) {
        return "up";
    }
    return league.demote && of && row.rank > of - league.demote ? "down" : "";
}

/**
 * @param {Object} board see ``sales.contest.get_leaderboard``
 * @param {Object} [league] the one that is shown
 * @returns {{podium: Object[], rest: Object[]}} the first three places, and what
 *  follows: rows and gaps where somebody is not shown
 */
export function rankingOf(board, league) {
    const of = league && (league.of || (board.me && isOf(league, board.me.league) && board.me.of));
    const rows = keyed(board.rows.filter((row) => isOf(league, row.league))).map((row) => ({
        ...row,
        kind: "row",
        zone: zoneOf(row, league, of),
    }));
    const podium = rows.filter(
        (row, index) => index < PODIUM && row.rank && row.rank <= PODIUM && row.score > 0
    );
    const rest = [];
    let last = podium.at(-1)?.rank || 1;
    let same = podium.filter((row) => row.rank === last).length;
    for (const row of rows.slice(podium.length)) {
        const missing = row.rank ? row.rank - last - same : 0;
        if (missing > 0) {
            rest.push({ kind: "gap", key: `gap${row.rank}`, count: missing });
        }
        same = row.rank === last ? same + 1 : 1;
        last = row.rank || last;
        rest.push(row);
    }
    return { podium, rest };
}
