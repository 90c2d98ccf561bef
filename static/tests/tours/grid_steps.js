/** What tours of grids have in common. */

export const row = (name) => `.o_sales_grid_table tbody tr:contains(${name})`;
export const grid = ".o_sales_grid_scroll";
export const press = (...keys) => ({ trigger: grid, run: `press ${keys.join(" && press ")}` });

/** A block as a spreadsheet copies it. */
export function paste(text) {
    return () => {
        const clipboardData = new DataTransfer();
        clipboardData.setData("text/plain", text);
        document
            .querySelector(grid)
            .dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
    };
}
