import { onPatched, onWillPatch } from "@odoo/owl";
import { isMotionReduced } from "../motion";

const MOVE = { duration: 700, easing: "cubic-bezier(0.2, 0.8, 0.2, 1)" };

function places(root) {
    const origin = root.getBoundingClientRect();
    const found = new Map();
    for (const element of root.querySelectorAll("[data-row]")) {
        const { left, top } = element.getBoundingClientRect();
        found.set(element.dataset.row, {
            element,
            left: left - origin.left,
            top: top - origin.top,
        });
    }
    return found;
}

/**
 * Rows glide to their new places, instead of jumping there.
 *
 * @param {{el: HTMLElement}} ref what holds the rows, each with ``data-row``
 * @param {Function} version what has to change for rows to glide
 */
export function useRankMoves(ref, version) {
    let seen = version();
    let before = null;
    onWillPatch(() => {
        before = version() !== seen && ref.el && !isMotionReduced() ? places(ref.el) : null;
        seen = version();
    });
    onPatched(() => {
        if (!before || !ref.el) {
            return;
        }
        for (const [key, { element, left, top }] of places(ref.el)) {
            const was = before.get(key);
            const x = was ? was.left - left : 0;
            const y = was ? was.top - top : 0;
            if (Math.abs(x) + Math.abs(y) > 2) {
                element.animate(
                    [{ transform: `translate(${x}px, ${y}px)` }, { transform: "none" }],
                    MOVE
                );
            }
        }
    });
}
