import { _t } from "@web/core/l10n/translation";
import { usePopover } from "@web/core/popover/popover_hook";
import { GridCursor, useGridCursor } from "@sales_process/base/grid/grid_cursor";
import { GridMismatch } from "./grid_mismatch";

/** The cursor of a plan: achieved amounts open their records, sums what is not given. */
class TargetCursor extends GridCursor {
    refuse(isTyped) {
        if (!this.model.isAchieved) {
            super.refuse(isTyped);
        } else if (!isTyped && this.model.value(this.row, this.column) !== null) {
            this.grid.openCredits(this.row, this.column);
        }
    }

    get whyNot() {
        const { plan, isProposal } = this.model;
        if (plan.notice) {
            return plan.notice;
        }
        if (isProposal && plan.state !== "proposed") {
            return _t("Proposals are not asked for right now.");
        }
        if (this.model.mayEdit(this.row)) {
            return _t("There is no target here, or the period is over and a director changes it.");
        }
        if (isProposal || !this.row.is_mine) {
            return _t("You may not set the targets of %s.", this.row.name);
        }
        return _t("This is your own target: whoever is above you sets it.");
    }

    opensAtOnce() {
        return this.model.isAchieved;
    }

    get takesPaste() {
        return !this.model.isAchieved;
    }

    refusedText({ changed, refused }) {
        return _t("%(changed)s cells were changed. %(refused)s were left out: you may not set them, or they lie outside the plan.", { changed, refused });
    }

    // --- What is not given to those below -------------------------------------------

    clickWithin(target, cell) {
        if (target.closest("button.o_hint")) {
            this.openMismatch(cell);
            return true;
        }
        return false;
    }

    openMismatch(target) {
        const { model, row, column } = this;
        const { units } = model;
        const mismatch = model.mismatch(row, column);
        const change = (method) => () => {
            try {
                model[method](row, column);
                this.grid.touch();
            } catch (error) {
                this.grid.notification.add(error.message, { type: "warning" });
            }
            this.focus();
        };
        const canTake = model.mayEdit(row) && !model.plan.over_percent;
        this.popover.open(target, {
            title: `${row.name}, ${column.title}`,
            wanted: units.text(model.given(row, column) + mismatch),
            given: units.text(model.given(row, column)),
            label: mismatch > 0 ? _t("Not assigned") : _t("Too much"),
            mismatch: units.text(Math.abs(mismatch)),
            whyNot: model.plan.notice || model.whyNotDivide(row),
            divide: change("divideBelow"),
            takeSum: canTake && change("takeSum"),
        });
    }
}

export function useTargetCursor(grid) {
    const cursor = useGridCursor(grid, TargetCursor);
    cursor.popover = usePopover(GridMismatch, { position: "bottom" });
    return cursor;
}
