import { SalesProgress, registerProgress } from "@sales_process/base/progress/progress";
import { _t } from "@web/core/l10n/translation";

/** How far the computation of statements is. */
class CommissionProgress extends SalesProgress {
    get text() {
        return _t("%(done)s of %(total)s people", this.numbers);
    }

    get note() {
        return _t("You can leave this page: it goes on.");
    }
}

registerProgress("sales_commission_progress", CommissionProgress);
