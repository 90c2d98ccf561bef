import { Component, onWillStart, onWillUnmount, useEffect, useRef } from "@odoo/owl";
import { loadBundle } from "@web/core/assets";
import { formatMonetary } from "@web/views/fields/formatters";

// Of middle brightness, so that they stand out from light and dark pages alike.
const COLORS = { total: "#8a929b", increase: "#2a9d5c", decrease: "#d64a41" };

/** From where to where each bar floats. */
export function floatingBars(bars, kindOf) {
    let level = 0;
    return bars.map((bar) => {
        if (kindOf(bar) === "total") {
            level = bar.amount;
            return [0, level];
        }
        const before = level;
        level += bar.sign * bar.amount;
        return [before, level];
    });
}

/** Writes each amount above its bar, and a line from bar to bar. */
function decorations(short, bars, kindOf, color) {
    return {
        id: "salesWaterfall",
        afterDatasetsDraw({ ctx, data, scales }) {
            const { x, y } = scales;
            const spans = data.datasets[0].data;
            ctx.save();
            ctx.strokeStyle = color;
            ctx.fillStyle = color;
            ctx.font = `600 12px ${getComputedStyle(document.body).fontFamily}`;
            ctx.textAlign = "center";
            spans.forEach(([from, to], index) => {
                const middle = x.getPixelForValue(index);
                const top = y.getPixelForValue(Math.max(from, to));
                const total = kindOf(bars[index]) === "total";
                const sign = total || to <= from ? "" : "+";
                ctx.fillText(sign + short(total ? to : to - from), middle, top - 6);
                if (index + 1 < spans.length) {
                    const level = y.getPixelForValue(to);
                    ctx.globalAlpha = 0.4;
                    ctx.setLineDash([3, 3]);
                    ctx.beginPath();
                    ctx.moveTo(middle, level);
                    ctx.lineTo(x.getPixelForValue(index + 1), level);
                    ctx.stroke();
                    ctx.globalAlpha = 1;
                }
            });
            ctx.restore();
        },
    };
}

/** The waterfall of one currency; the table beside it says the same in words. */
export class WaterfallChart extends Component {
    static template = "sales_process.WaterfallChart";
    static props = {
        bars: Array,
        currencyId: Number,
        kindOf: Function,
        onOpen: Function,
        label: String,
    };

    setup() {
        this.canvas = useRef("canvas");
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(
            () => this.draw(),
            () => [JSON.stringify(this.props.bars)]
        );
        onWillUnmount(() => this.chart?.destroy());
    }

    get width() {
        return this.props.bars.length * 76 + 70;
    }

    short(value) {
        return formatMonetary(value, {
            currencyId: this.props.currencyId,
            humanReadable: true,
        });
    }

    draw() {
        this.chart?.destroy();
        const { bars, kindOf } = this.props;
        const colors = bars.map((bar) => COLORS[kindOf(bar)]);
        // eslint-disable-next-line no-undef
        this.chart = new Chart(this.canvas.el, {
            type: "bar",
            data: {
                labels: bars.map((bar) => bar.label.split(" ")),
                datasets: [
                    {
                        data: floatingBars(bars, kindOf),
                        backgroundColor: colors,
                        borderRadius: 3,
                        borderSkipped: false,
                        minBarLength: 2,
                        maxBarThickness: 64,
                    },
                ],
            },
            options: this.chartOptions,
            plugins: [decorations((value) => this.short(value), bars, kindOf, this.color)],
        });
    }

    /** The colour of text around the chart, whatever the theme. */
    get color() {
        return getComputedStyle(this.canvas.el).color;
    }

    get chartOptions() {
        const { bars, currencyId, onOpen } = this.props;
        const color = this.color;
        const gridColor = color.replace(/^rgb\((.*)\)$/, "rgba($1, 0.12)");
        return {
            responsive: true,
            maintainAspectRatio: false,
            animation: false,
            layout: { padding: { top: 22 } },
            onClick: (_event, [element]) => element && onOpen(bars[element.index]),
            onHover: ({ native }, elements) => {
                native.target.style.cursor = elements.length ? "pointer" : "default";
            },
            interaction: { mode: "index", intersect: false },
            plugins: {
                legend: { display: false },
                tooltip: {
                    displayColors: false,
                    callbacks: {
                        title: ([item]) => bars[item.dataIndex].label,
                        label: ({ dataIndex }) =>
                            formatMonetary(bars[dataIndex].amount, { currencyId }),
                    },
                },
            },
            scales: {
                x: {
                    grid: { display: false },
                    ticks: { color, autoSkip: false, maxRotation: 0 },
                },
                y: {
                    beginAtZero: true,
                    grid: { color: gridColor },
                    ticks: {
                        color,
                        maxTicksLimit: 6,
                        callback: (value) => this.short(value),
                    },
                },
            },
        };
    }
}
