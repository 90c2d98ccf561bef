import { formatFloat } from "@web/views/fields/formatters";
import { parseFloat } from "@web/views/fields/parsers";

/**
 * Amounts as whole numbers of the smallest unit there is, such as cents: sums of them
 * are exact, what sums of fractions are not.
 */
export class Units {
    /**
     * @param {number} step the smallest amount, such as 0.01
     * @param {number} digits how many decimals that has
     */
    constructor(step, digits) {
        this.step = step;
        this.digits = digits;
        this.per = Math.round(1 / step);
    }

    of(amount) {
        if (amount === null || amount === undefined || amount === false) {
            return null;
        }
        return Math.round(this.step < 1 ? amount * this.per : amount / this.step);
    }

    amount(units) {
        return units === null ? null : Number((units * this.step).toFixed(this.digits));
    }

    /** A whole amount without its decimals, unless they say something. */
    text(units, withDecimals = true) {
        if (units === null) {
            return "";
        }
        const digits = withDecimals ? this.digits : 0;
        return formatFloat(this.amount(units), { digits: [16, digits] });
    }

    isWhole(units) {
        return units === null || (this.step < 1 ? units % this.per === 0 : true);
    }

    /** Divide an amount by weights; a whole one without cents into whole ones. */
    shareOut(units, weights) {
        const grain = this.isWhole(units) && this.step < 1 ? this.per : 1;
        return shareOut(units / grain, weights).map((part) => part * grain);
    }

    /**
     * What somebody typed or pasted, with the separators of the user's language; an
     * equals sign before it begins a formula.
     *
     * @returns {number|null} null for nothing
     * @throws {Error} for what is no number, or below zero
     */
    parse(text) {
        const bare = text.replace(/[\s\u00a0\u202f]+/g, "");
        if (!bare || bare === "=") {
            return null;
        }
        // A currency comes along when cells are copied; brackets or a “k” change the amount.
        const number = bare.startsWith("=")
            ? bare
            : bare.replace(/^(\p{Sc}|[A-Z]{3})|(\p{Sc}|[A-Z]{3})$/gu, "");
        const value = number ? parseFloat(number) : NaN;
        if (!Number.isFinite(value) || value < 0 || value > 1e13) {
            throw new Error(text);
        }
        return this.of(value);
    }
}

/**
 * Divide whole units by weights: every part its share rounded down, and what is left, one
 * each, to those that lost most by it. The parts add up exactly.
 *
 * @param {number} total
 * @param {number[]} weights not negative; all zero: equal parts
 * @returns {number[]}
 */
export function shareOut(total, weights) {
    if (!weights.some((weight) => weight > 0)) {
        weights = weights.map(() => 1);
    }
    // Products of two large amounts are beyond what numbers hold exactly.
    const shares = weights.map((weight) => BigInt(weight));
    const whole = shares.reduce((sum, share) => sum + share, 0n);
    const exact = shares.map((share) => BigInt(total) * share);
    const parts = exact.map((value) => Number(value / whole));
    let left = total - parts.reduce((sum, part) => sum + part, 0);
    const byLoss = exact
        .map((value, place) => [value % whole, place])
        .sort(([a, i], [b, j]) => (a === b ? i - j : a < b ? 1 : -1));
    for (const [, place] of byLoss) {
        if (left-- <= 0) {
            break;
        }
        parts[place] += 1;
    }
    return parts;
}
