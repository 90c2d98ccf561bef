/** Wait until what was just changed is drawn. */
export function nextPaint() {
    return new Promise((resolve) =>
        requestAnimationFrame(() => requestAnimationFrame(resolve))
    );
}

function isShown(el) {
    return Boolean(el.getClientRects().length);
}

/** The field as shown and editable right now, or undefined. */
function lookUp(form, name) {
    const fields = form.querySelectorAll(`.o_field_widget[name="${name}"]`);
    return [...fields].find(
        (el) => isShown(el) && !el.classList.contains("o_readonly_modifier")
    );
}

/** The tab of the notebook page which holds the field, or undefined. */
function findTab(form, name, arch) {
    const page = arch?.querySelector(`page field[name="${name}"]`)?.closest("page");
    const pageName = page?.getAttribute("name");
    const tabs = [...form.querySelectorAll(".o_notebook_headers .nav-link")];
    return pageName && tabs.find((tab) => tab.getAttribute("name") === pageName);
}

/**
 * Find a field in the form around `el`, opening the notebook page that holds it.
 *
 * @param {HTMLElement} el anything within the form
 * @param {string} name of the field
 * @param {Element} [arch] the view as XML
 * @returns {Promise<HTMLElement|undefined>} undefined if the form does not offer it
 */
export async function findFormField(el, name, arch) {
    const form = el.closest(".o_form_renderer");
    if (!form) {
        return undefined;
    }
    const shown = lookUp(form, name);
    if (shown) {
        return shown;
    }
    const tab = findTab(form, name, arch);
    if (!tab || !isShown(tab)) {
        return undefined;
    }
    tab.click();
    await nextPaint();
    return lookUp(form, name);
}

/** Bring a field into sight and put the cursor into it. */
export function focusFormField(el) {
    const selector = "input, textarea, select, [contenteditable=true], button, a[href]";
    const target = el.matches(selector) ? el : el.querySelector(selector);
    el.scrollIntoView({ block: "center", behavior: "smooth" });
    target?.focus({ preventScroll: true });
    el.classList.add("o_sales_path_attention");
    setTimeout(() => el.classList.remove("o_sales_path_attention"), 2000);
}
