import { SalesProgress, registerProgress } from "@sales_process/base/progress/progress";
import { _t } from "@web/core/l10n/translation";

/** How far a running import is. */
class ImportProgress extends SalesProgress {
    static done = "created_count";
    static total = "deal_count";

    get text() {
        return _t("%(done)s of %(total)s deals imported", this.numbers);
    }

    get note() {
        return _t("You can leave this page: the import goes on, and a message tells you when it is done.");
    }
}

registerProgress("intake_import_progress", ImportProgress);
