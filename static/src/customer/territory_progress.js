import { SalesProgress, registerProgress } from "@sales_process/base/progress/progress";
import { _t } from "@web/core/l10n/translation";

/** How far an assignment of territories is. */
class TerritoryProgress extends SalesProgress {
    get text() {
        return _t("%(done)s of %(total)s customers and deals", this.numbers);
    }

    get note() {
        return _t("You can leave this page: the assignment goes on.");
    }
}

registerProgress("sales_territory_progress", TerritoryProgress);
