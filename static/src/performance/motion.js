import { browser } from "@web/core/browser/browser";

/** Whether somebody asked the system for less motion. */
export function isMotionReduced() {
    return browser.matchMedia("(prefers-reduced-motion: reduce)").matches;
}
