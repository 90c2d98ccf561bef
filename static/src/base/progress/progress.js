import { Component, onMounted, onPatched, onWillUnmount } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { formatInteger } from "@web/views/fields/formatters";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const POLL_EVERY = 2000;

/**
 * How far a long job is, in percent: looks again while its record is `running`, and
 * rests otherwise. What is typed on the form is never thrown away.
 *
 * Each job says by which fields it counts, and what: see `registerProgress`.
 */
export class SalesProgress extends Component {
    static template = "sales_process.Progress";
    static props = { ...standardFieldProps };
    /** Names of the fields that hold how many are done, and how many there are. */
    static done = "done_count";
    static total = "total_count";

    setup() {
        onMounted(() => this.poll());
        // It may begin to run while it is shown
        onPatched(() => this.poll());
        onWillUnmount(() => this.stop());
    }

    /** What is done, such as “3 of 7 people”. */
    get text() {
        throw new Error("A job says what it does");
    }

    get note() {
        throw new Error("A job says that it goes on");
    }

    get percent() {
        return Math.round(this.props.record.data[this.props.name] || 0);
    }

    get numbers() {
        const { data } = this.props.record;
        const { done, total } = this.constructor;
        return { done: formatInteger(data[done]), total: formatInteger(data[total]) };
    }

    get isRunning() {
        return this.props.record.data.state === "running";
    }

    stop() {
        clearTimeout(this.timer);
        this.timer = null;
    }

    poll() {
        if (!this.isRunning) {
            this.stop();
        } else if (!this.timer) {
            this.timer = setTimeout(() => this.look(), POLL_EVERY);
        }
    }

    async look() {
        const { timer } = this;
        const { record } = this.props;
        if (!record.dirty) {
            await record.load();
        }
        if (this.timer === timer) {
            this.timer = null;
            this.poll();
        }
    }
}

export function registerProgress(name, component) {
    registry.category("fields").add(name, {
        component,
        supportedTypes: ["float"],
        fieldDependencies: [
            { name: "state", type: "selection", selection: [] },
            { name: component.done, type: "integer" },
            { name: component.total, type: "integer" },
        ],
    });
}
