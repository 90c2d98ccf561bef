import { onWillDestroy } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { useBus, useService } from "@web/core/utils/hooks";

const CHANGED = "sales_contest_changed";
// Many rows may be credited at once; and not every screen has to ask at the same moment.
const WAIT = 1000;
const SPREAD = 1500;
// In case no message comes through, as behind a proxy without websocket.
const ANYWAY = 120_000;

/**
 * Follow a contest: ``reload`` is called soon after its standing changed.
 *
 * @param {Function} reload
 * @returns {{follow: Function}} takes the id of the contest to follow, or null
 */
export function useLiveContest(reload) {
    const bus = useService("bus_service");
    let channel = null;
    let contestId = null;
    let timer = null;

    function soon() {
        browser.clearTimeout(timer);
        timer = browser.setTimeout(reload, WAIT + Math.random() * SPREAD);
    }

    function onChanged({ contest_id }) {
        if (contest_id === contestId) {
            soon();
        }
    }

    function follow(id) {
        if (id === contestId) {
            return;
        }
        if (channel) {
            bus.deleteChannel(channel);
        }
        contestId = id;
        channel = id && `sales.contest_${id}`;
        if (channel) {
            bus.addChannel(channel);
        }
    }

    bus.subscribe(CHANGED, onChanged);
    useBus(bus, "BUS:RECONNECT", () => contestId && soon());
    const interval = browser.setInterval(() => {
        if (contestId && document.visibilityState === "visible") {
            reload();
        }
    }, ANYWAY);
    onWillDestroy(() => {
        bus.unsubscribe(CHANGED, onChanged);
        browser.clearTimeout(timer);
        browser.clearInterval(interval);
        follow(null);
    });
    return { follow };
}
