import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const WIDTH = 100;
const HEIGHT = 24;
const EDGE = 3;

/** The course of a figure in a small drawing; where nothing is known the line breaks. */
export class Sparkline extends Component {
    static template = "sales_process.Sparkline";
    static props = {
        values: Array, // numbers, null where not known
        text: { type: String, optional: true }, // the same in words
    };

    get box() {
        return `0 0 ${WIDTH} ${HEIGHT}`;
    }

    get points() {
        const { values } = this.props;
        const known = values.filter((value) => value !== null);
        const low = Math.min(...known);
        const high = Math.max(...known);
        return values.map((value, place) => {
            if (value === null) {
                return null;
            }
            const share = high > low ? (value - low) / (high - low) : 0.5;
            const x = EDGE + ((WIDTH - 2 * EDGE) * place) / Math.max(values.length - 1, 1);
            const y = HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * share;
            return { x: x.toFixed(1), y: y.toFixed(1) };
        });
    }

    get parts() {
        const parts = [[]];
        for (const point of this.points) {
            if (point) {
                parts.at(-1).push(`${point.x},${point.y}`);
            } else {
                parts.push([]);
            }
        }
        return parts.filter((part) => part.length > 1).map((part) => part.join(" "));
    }

    /** The last one that is known. */
    get end() {
        return this.points.findLast((point) => point);
    }

    get isKnown() {
        return this.points.some((point) => point);
    }
}

/** A sparkline in a view: the field holds a list of numbers and nothings. */
export class SparklineField extends Component {
    static template = "sales_process.SparklineField";
    static components = { Sparkline };
    static props = { ...standardFieldProps };

    get values() {
        try {
            return JSON.parse(this.props.record.data[this.props.name] || "[]");
        } catch {
            return [];
        }
    }
}

registry.category("fields").add("sales_sparkline", {
    component: SparklineField,
    displayName: _t("Sparkline"),
    supportedTypes: ["char"],
});
