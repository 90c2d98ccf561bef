import { Component, onMounted, onWillUnmount } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { isMotionReduced } from "../motion";

const SECONDS = 4;
const COUNT = 48;
const COLORS = ["#e3b94a", "#3d8bd4", "#2a9d5c", "#d0612b", "#8b5fbf"];

/** A few words and falling paper, gone by itself; nothing moves for who wants no motion. */
export class Celebration extends Component {
    static template = "sales_process.Celebration";
    static props = { title: String, text: { type: String, optional: true }, close: Function };

    setup() {
        this.pieces = isMotionReduced() ? [] : Array.from({ length: COUNT }, (_, i) => piece(i));
        let timer;
        onMounted(() => {
            timer = browser.setTimeout(this.props.close, SECONDS * 1000);
        });
        onWillUnmount(() => browser.clearTimeout(timer));
    }
}

function piece(number) {
    const random = (from, to) => (from + Math.random() * (to - from)).toFixed(2);
    return [
        `left: ${random(0, 100)}%`,
        `background: ${COLORS[number % COLORS.length]}`,
        `animation-delay: ${random(0, 0.8)}s`,
        `animation-duration: ${random(2, 3.2)}s`,
        `--drift: ${random(-8, 8)}rem`,
        `--turn: ${random(180, 900)}deg`,
    ].join("; ");
}
