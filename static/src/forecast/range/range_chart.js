import { Component, onWillStart, onWillUnmount, useEffect, useRef } from "@odoo/owl";
import { loadBundle } from "@web/core/assets";
import { _t } from "@web/core/l10n/translation";
import { formatFloat } from "@web/views/fields/formatters";
import { short } from "../../target/board/board_texts";

// Of middle brightness, so that they stand out from light and dark pages alike.
const LIKELY = "#3d8bd4";
const RARE = "#8a929b66";

/** Writes a line and a label where an amount lies. */
function marker(lines, color) {
    return {
        id: "salesRange",
        afterDatasetsDraw({ ctx, chartArea, scales }) {
            ctx.save();
            ctx.font = `11px ${getComputedStyle(document.body).fontFamily}`;
            for (const { value, label, dash } of lines) {
                const x = scales.x.getPixelForValue(value);
                if (x < chartArea.left || x > chartArea.right) {
                    continue;
                }
                Object.assign(ctx, { strokeStyle: color, fillStyle: color });
                ctx.setLineDash(dash);
                ctx.beginPath();
                ctx.moveTo(x, chartArea.top);
                ctx.lineTo(x, chartArea.bottom);
                ctx.stroke();
                const right = x > chartArea.right - 40;
                ctx.textAlign = right ? "right" : x < chartArea.left + 40 ? "left" : "center";
                ctx.fillText(label, x, chartArea.top - 4);
            }
            ctx.restore();
        },
    };
}

/** The distribution: how likely it is to bring about so much. */
export class RangeChart extends Component {
    static template = "sales_process.RangeChart";
    static props = { range: Object };

    setup() {
        this.canvas = useRef("canvas");
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(
            () => this.draw(),
            () => [JSON.stringify(this.props.range)]
        );
        onWillUnmount(() => this.chart?.destroy());
    }

    get label() {
        return _t("How likely each amount is. The figures above say the same.");
    }

    short(value) {
        return short(value, { unit: "money", currency_id: this.props.range.currency_id });
    }

    get lines() {
        const { p50, quota } = this.props.range;
        const lines = [{ value: p50, label: _t("even"), dash: [2, 3] }];
        if (quota !== null && quota !== false) {
            lines.push({ value: quota, label: _t("quota"), dash: [] });
        }
        return lines;
    }

    draw() {
        this.chart?.destroy();
        const { bars, p10, p90 } = this.props.range;
        const middles = bars.map(([from, to]) => (from + to) / 2);
        const color = getComputedStyle(this.canvas.el).color;
        // eslint-disable-next-line no-undef
        this.chart = new Chart(this.canvas.el, {
            type: "bar",
            data: {
                datasets: [
                    {
                        data: bars.map(([, , chance], at) => ({ x: middles[at], y: 100 * chance })),
                        backgroundColor: bars.map(([from, to]) =>
                            to >= p10 && from <= p90 ? LIKELY : RARE
                        ),
                        barPercentage: 1,
                        categoryPercentage: 0.95,
                    },
                ],
            },
            options: this.chartOptions(color),
            plugins: [marker(this.lines, color)],
        });
    }

    chartOptions(color) {
        const { bars } = this.props.range;
        const percent = (value) => `${formatFloat(value, { digits: [16, 1] })} %`;
        return {
            responsive: true,
            maintainAspectRatio: false,
            animation: false,
            layout: { padding: { top: 16 } },
            plugins: {
                legend: { display: false },
                tooltip: {
                    displayColors: false,
                    callbacks: {
                        title: ([{ dataIndex: at }]) =>
                            `${this.short(bars[at][0])} – ${this.short(bars[at][1])}`,
                        label: ({ raw }) => percent(raw.y),
                    },
                },
            },
            scales: {
                x: {
                    type: "linear",
                    min: bars[0][0],
                    max: bars.at(-1)[1],
                    grid: { display: false },
                    ticks: {
                        color,
                        maxTicksLimit: 6,
                        maxRotation: 0,
                        callback: (value) => this.short(value),
                    },
                },
                y: { display: false, beginAtZero: true },
            },
        };
    }
}
