import { Component, onMounted, onWillUnmount } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { formatInteger } from "@web/views/fields/formatters";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const POLL_EVERY = 2000;

/** How far the computation of statements is; looks again until it ends. */
export class CommissionProgress extends Component {
    static template = "sales_process.CommissionProgress";
    static props = { ...standardFieldProps };

    setup() {
        onMounted(() => this.poll());
        onWillUnmount(() => clearTimeout(this.timer));
    }

    get percent() {
        return Math.round(this.props.record.data[this.props.name] || 0);
    }

    number(name) {
        return formatInteger(this.props.record.data[name]);
    }

    get isRunning() {
        return this.props.record.data.state === "running";
    }

    poll() {
        this.timer = setTimeout(async () => {
            if (this.isRunning) {
                await this.props.record.load();
            }
            this.poll();
        }, POLL_EVERY);
    }
}

registry.category("fields").add("sales_commission_progress", {
    component: CommissionProgress,
    supportedTypes: ["float"],
    fieldDependencies: [
        { name: "state", type: "selection", selection: [] },
        { name: "done_count", type: "integer" },
        { name: "total_count", type: "integer" },
    ],
});
