import { Component } from "@odoo/owl";
import { useAutofocus } from "@web/core/utils/hooks";

/** Why it is that number. */
export class ForecastNote extends Component {
    static template = "sales_process.ForecastNote";
    static props = { close: Function, title: String, note: String, save: Function };

    setup() {
        this.input = useAutofocus({ refName: "note" });
    }

    onKeydown(ev) {
        if (ev.key === "Enter" && (ev.ctrlKey || ev.metaKey)) {
            this.save();
        }
    }

    save() {
        const note = this.input.el.value.trim();
        this.props.close();
        this.props.save(note);
    }
}
