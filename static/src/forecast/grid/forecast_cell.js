import { _t } from "@web/core/l10n/translation";
import { formatFloat } from "@web/views/fields/formatters";
import { CATEGORIES } from "./forecast_columns";

/** What a cell of the grid shows. Rows of the table and cards of a phone both ask it. */
export function cellView(model, row, column) {
    const text = (units) => model.units.text(units, model.withDecimals);
    const value = model.value(row, column);
    const view = {
        text: textOf(value, column, text),
        isEditable: model.isEditable(row, column),
        isEmpty: value === null,
        isChanged: false,
        isConflict: false,
        note: "",
        title: "",
        hint: "",
        hintKind: "",
        opens: value !== null && !column.category && !(column.isLine && !value),
    };
    if (column.category && column.place !== null) {
        Object.assign(view, callView(model, row, column, text));
    } else {
        Object.assign(view, changeView(model, row, column, text));
    }
    if (column.isLine && value) {
        const { deals } = row.lines[column.name];
        view.title ||= deals === 1 ? _t("1 deal") : _t("%s deals", deals);
    }
    if (column.name === "quota" && value === null) {
        view.title = _t("No published target plan of bookings says anything of these days.");
    }
    if (column.name === "chance" && value !== null && value !== undefined) {
        const { p10, p50, p90 } = model.chances[row.node][column.place];
        view.title = _t("At least %(p10)s in 9 of 10 cases, %(p50)s in half of them, %(p90)s in 1 of 10", {
            p10: text(model.units.of(p10)),
            p50: text(model.units.of(p50)),
            p90: text(model.units.of(p90)),
        });
    }
    return view;
}

function textOf(value, { name }, text) {
    if (value === undefined) {
        return "…";
    }
    if (value === null) {
        return name === "quota" ? _t("No quota") : "–";
    }
    if (name === "coverage") {
        return _t("%s×", formatFloat(value, { digits: [16, 1] }));
    }
    if (name === "chance") {
        return _t("%s %%", formatFloat(value, { digits: [16, 0] }));
    }
    return name === "no_amount" ? String(value || "–") : text(value);
}

/** A call: what is not saved, what those below called, what was made of it, and why. */
function callView(model, row, column, text) {
    const place = model.placeOf(column);
    const call = model.callOf(row, column.place, column.category);
    const units = (amount) => text(model.units.of(amount));
    const isKnown = (amount) => amount !== null && amount !== undefined;
    const view = {
        isChanged: row.now[place] !== row.base[place] || row.notes[place] !== row.baseNotes[place],
        isConflict: place in row.conflicts,
        note: [row.mode ? row.notes[place] : call.adjust_note || call.call_note, otherNote(row, call)]
            .filter(Boolean)
            .join("\n"),
    };
    const told = [];
    if (view.isConflict) {
        told.push(
            _t("Somebody changed it to %(now)s meanwhile; it was %(old)s.", {
                now: text(row.base[place]) || _t("nothing"),
                old: text(row.conflicts[place]) || _t("nothing"),
            })
        );
    } else if (view.isChanged) {
        told.push(_t("Not saved yet; it was %s.", text(row.base[place]) || "–"));
    }
    if (isKnown(call.call)) {
        told.push(
            _t("%(name)s called %(amount)s.", { name: call.called_by_name, amount: units(call.call) })
        );
    }
    if (isKnown(call.adjusted)) {
        told.push(
            _t("%(name)s adjusted it to %(amount)s.", {
                name: call.adjusted_by_name,
                amount: units(call.adjusted),
            })
        );
    }
    if (isKnown(call.below)) {
        told.push(
            _t("Below: %(amount)s, called by %(called)s of %(total)s.", {
                amount: units(call.below),
                called: call.below_called,
                total: call.below_total,
            })
        );
    }
    if (view.note) {
        told.push(view.note);
    }
    view.title = told.join("\n");
    if (row.mode === "call" && isKnown(call.adjusted)) {
        Object.assign(view, { hint: _t("adjusted %s", units(call.adjusted)), hintKind: "less" });
    } else if (isKnown(call.adjusted) && isKnown(call.call)) {
        Object.assign(view, { hint: _t("called %s", units(call.call)), hintKind: "target" });
    } else if (isKnown(call.below)) {
        Object.assign(view, { hint: _t("below %s", units(call.below)), hintKind: "target" });
    }
    return view;
}

/** The note on the number that is not one's own to give. */
function otherNote(row, call) {
    if (!row.mode) {
        return "";
    }
    return row.mode === "call" ? call.adjust_note : call.call_note;
}

/** Under a figure: how much more or less it is than on the day it is compared with. */
function changeView(model, row, column, text) {
    const change = model.changeOf(row, column);
    if (!change) {
        return {};
    }
    const isGood = [...CATEGORIES, "closed"].includes(column.name) === change > 0;
    const day = luxon.DateTime.fromISO(model.changes.since).toLocaleString(luxon.DateTime.DATE_MED);
    return {
        hint: (change > 0 ? "▲ " : "▼ ") + text(Math.abs(change)),
        hintKind: isGood ? "more" : "less",
        hintTitle: _t("Change of expected revenue since the end of %s", day),
    };
}
