import { GridCursor, useGridCursor } from "@sales_process/base/grid/grid_cursor";
import { _t } from "@web/core/l10n/translation";
import { usePopover } from "@web/core/popover/popover_hook";
import { ForecastNote } from "./forecast_note";

/** The cursor of the forecast: figures open their records, calls have notes. */
class ForecastCursor extends GridCursor {
    refuse(isTyped) {
        if (!isTyped && !this.column.category) {
            this.grid.openCell(this.row, this.column);
        } else {
            super.refuse(isTyped);
        }
    }

    /** To the next cell that takes something; figures between them are passed over. */
    tab(step) {
        while (this.move(0, step, true)) {
            if (this.model.isEditable(this.row, this.column)) {
                return true;
            }
        }
        return false;
    }

    get whyNot() {
        const { category, isTotal } = this.column;
        if (!category) {
            return _t("This is worked out. Only what is called is typed; Enter opens the records.");
        }
        if (isTotal) {
            return _t("This is a sum: call the periods.");
        }
        return _t("The number of %s is not yours to call or to adjust.", this.row.name);
    }

    opensAtOnce() {
        return !this.column.category;
    }

    clickWithin(target, cell) {
        if (target.closest(".o_sales_grid_note")) {
            this.openNote(cell);
            return true;
        }
        return false;
    }

    keyOfOwn(ev) {
        if (ev.key.toLowerCase() === "n" && this.model.isEditable(this.row, this.column)) {
            this.openNote(this.grid.root.el.querySelector("td.o_active"));
            return true;
        }
        return false;
    }

    openNote(target) {
        const { model, row, column } = this;
        const place = model.placeOf(column);
        if (!model.isEditable(row, column)) {
            return;
        }
        if (row.now[place] === null) {
            this.grid.notification.add(_t("Call an amount first; the note goes with it."), {
                type: "warning",
            });
            return;
        }
        this.popover.open(target, {
            title: `${row.name}, ${column.title}`,
            note: row.notes[place],
            save: (note) => {
                model.setNote(row, place, note);
                this.grid.touch();
                this.focus();
            },
        });
    }
}

export function useForecastCursor(grid) {
    const cursor = useGridCursor(grid, ForecastCursor);
    cursor.popover = usePopover(ForecastNote, { position: "bottom" });
    return cursor;
}
