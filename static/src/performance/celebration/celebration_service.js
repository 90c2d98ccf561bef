import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { Celebration } from "./celebration";

export const CELEBRATION = "sales_celebration";
// Odoo congratulates who marks a deal as won itself; it comes a moment later.
const WAIT = 800;
const RAINBOW = ".o_reward";

/** What is said of what happened. */
export function wordsOf({ kind, name, contest, prize }) {
    switch (kind) {
        case "win":
            return { title: _t("You won a deal!"), text: contest };
        case "team_win":
            return {
                title: name ? _t("%s won a deal!", name) : _t("Your team won a deal!"),
                text: contest,
            };
        case "prize":
            return { title: _t("You won: %s", prize), text: contest };
        default:
            return null;
    }
}

/**
 * Short celebrations. The server tells whoever wants to know of wins that matter to
 * them, see ``sales.contest._celebrate``; nothing is asked or stored here.
 */
export const celebrationService = {
    dependencies: ["bus_service", "notification", "overlay"],

    start(env, { bus_service: bus, notification, overlay }) {
        let remove = null;

        /**
         * @param {Object} words
         * @param {string} words.title
         * @param {string} [words.text]
         */
        function celebrate({ title, text = "" }) {
            if (document.querySelector(RAINBOW)) {
                return;
            }
            if (!user.showEffect) {
                notification.add(text, { title, type: "success" });
                return;
            }
            remove?.();
            const close = overlay.add(Celebration, { title, text, close: () => close() });
            remove = close;
        }

        bus.subscribe(CELEBRATION, (payload) => {
            const words = wordsOf(payload);
            if (words) {
                browser.setTimeout(() => celebrate(words), WAIT);
            }
        });
        return { celebrate };
    },
};

registry.category("services").add("sales_celebration", celebrationService);
