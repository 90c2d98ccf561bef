import { _t } from "@web/core/l10n/translation";
import { formatFloat, formatMonetary } from "@web/views/fields/formatters";

const NOTHING = "–";

export const isMissing = (value) => value === null || value === undefined || value === false;

/** Of middle brightness, and each with dashes of its own: not by colour alone. */
export const LOOKS = {
    stage: { color: "#8a929b", dash: [6, 4], point: "rect" },
    score: { color: "#d68a2d", dash: [2, 3], point: "triangle" },
    calibrated: { color: "#3d8bd4", dash: [], point: "circle" },
    called: { color: "#2a9d5c", dash: [10, 3, 2, 3], point: "star" },
};

function decimalsOf(share) {
    return Math.abs(share) < 0.1 && Math.round(share * 1000) % 10 ? 1 : 0;
}

/** A share (0–1) in percent. */
export function percent(share) {
    if (isMissing(share)) {
        return NOTHING;
    }
    return `${formatFloat(share * 100, { digits: [16, decimalsOf(share)] })} %`;
}

/** A share with its sign: what is above 0 was promised and did not come. */
export function signed(share) {
    return share > 0 ? `+${percent(share)}` : percent(share);
}

export function score(value) {
    return isMissing(value) ? NOTHING : formatFloat(value, { digits: [16, 3] });
}

export function money(value, currencyId) {
    return isMissing(value) ? NOTHING : formatMonetary(value, { currencyId, digits: [16, 0] });
}

export function momentText(weeks) {
    if (!weeks) {
        return _t("when the period began");
    }
    return weeks === 1 ? _t("1 week before the end") : _t("%s weeks before the end", weeks);
}
