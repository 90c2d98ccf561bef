import { Component, onMounted, onWillUnmount } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { formatInteger } from "@web/views/fields/formatters";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const POLL_EVERY = 2000;

/** How far a running import is; looks again every two seconds until it ends. */
export class ImportProgress extends Component {
    static template = "sales_process.ImportProgress";
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
            const { record } = this.props;
            if (this.isRunning && !record.dirty) {
                await record.load();
            }
            if (this.isRunning) {
                this.poll();
            }
        }, POLL_EVERY);
    }
}

registry.category("fields").add("intake_import_progress", {
    component: ImportProgress,
    supportedTypes: ["float"],
    fieldDependencies: [
        { name: "state", type: "selection", selection: [] },
        { name: "created_count", type: "integer" },
        { name: "deal_count", type: "integer" },
    ],
});
