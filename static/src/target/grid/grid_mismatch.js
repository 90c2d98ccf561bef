import { Component } from "@odoo/owl";

/** What is not given to those below, and what can be done about it. */
export class GridMismatch extends Component {
    static template = "sales_process.GridMismatch";
    static props = {
        close: Function,
        title: String,
        label: String,
        wanted: String,
        given: String,
        mismatch: String,
        whyNot: String,
        divide: Function,
        takeSum: { type: [Function, { value: false }] },
    };

    choose(action) {
        this.props.close();
        action();
    }
}
