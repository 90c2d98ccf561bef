import { _t } from "@web/core/l10n/translation";

/**
 * Why the server did not do what it was asked for, to be shown on the screen.
 *
 * @param {Error} error what a call was rejected with
 * @returns {string} what the server says, or that it could not be reached
 */
export function reasonOf(error) {
    return error.data?.message || _t("The server could not be reached. Try again.");
}
