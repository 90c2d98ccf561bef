import { Component, onWillStart, onWillUnmount, useEffect, useRef } from "@odoo/owl";
import { loadBundle } from "@web/core/assets";
import { _t } from "@web/core/l10n/translation";
import { LOOKS, isMissing, momentText, percent } from "./accuracy_texts";

/** What both charts have in common: they are drawn anew when their figures change. */
class AccuracyPlot extends Component {
    setup() {
        this.canvas = useRef("canvas");
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(
            () => {
                this.chart?.destroy();
                // eslint-disable-next-line no-undef
                this.chart = new Chart(this.canvas.el, this.config);
            },
            () => [JSON.stringify(this.figures)]
        );
        onWillUnmount(() => this.chart?.destroy());
    }

    /** The colour of text around the chart, whatever the theme. */
    get color() {
        return getComputedStyle(this.canvas.el).color;
    }

    axis(title, more = {}) {
        const color = this.color;
        return {
            beginAtZero: true,
            grid: { color: color.replace(/^rgb\((.*)\)$/, "rgba($1, 0.12)") },
            title: { display: true, text: title, color },
            ...more,
            ticks: { color, maxTicksLimit: 7, maxRotation: 0, ...more.ticks },
        };
    }

    options(more) {
        return { responsive: true, maintainAspectRatio: false, animation: false, ...more };
    }
}

/** The error of each method, from week to week. */
export class ErrorChart extends AccuracyPlot {
    static template = "sales_process.ErrorChart";
    static props = { course: Array, methods: Array, weeks: Number, onWeeks: Function };

    get figures() {
        return [this.props.course, this.props.methods, this.props.weeks];
    }

    get label() {
        return _t("Error of each method by week. The table below has the same figures.");
    }

    get config() {
        const { course, methods, onWeeks } = this.props;
        return {
            type: "line",
            data: {
                labels: course.map(({ weeks }) => `−${weeks}`),
                datasets: methods.map(({ key, label }) => ({
                    label,
                    data: course.map((week) => {
                        const share = week[key].wape;
                        return isMissing(share) ? null : share * 100;
                    }),
                    borderColor: LOOKS[key].color,
                    backgroundColor: LOOKS[key].color,
                    borderDash: LOOKS[key].dash,
                    pointStyle: LOOKS[key].point,
                    borderWidth: 2.5,
                    pointRadius: course.map(({ weeks }) =>
                        weeks === this.props.weeks ? 7 : 3
                    ),
                    spanGaps: false,
                })),
            },
            options: this.options({
                interaction: { mode: "index", intersect: false },
                onClick: (_event, [element]) => element && onWeeks(course[element.index].weeks),
                plugins: {
                    legend: {
                        labels: { color: this.color, usePointStyle: true },
                        position: "bottom",
                    },
                    tooltip: {
                        callbacks: {
                            title: ([item]) => momentText(course[item.dataIndex].weeks),
                            label: ({ dataset, raw }) =>
                                `${dataset.label}: ${percent(raw / 100)}`,
                        },
                    },
                },
                scales: {
                    x: this.axis(_t("Weeks before the end of the period"), {
                        grid: { display: false },
                        ticks: { maxTicksLimit: 12 },
                    }),
                    y: this.axis(_t("Error, % of what came in")),
                },
            }),
        };
    }
}

/** What was said against what came true, with how sure that is. */
export class CalibrationChart extends AccuracyPlot {
    static template = "sales_process.CalibrationChart";
    static props = { groups: Array, method: Object };

    get figures() {
        return [this.props.groups, this.props.method.key];
    }

    get label() {
        return _t("Chances said and kept. The table below has the same figures.");
    }

    /** The Wilson interval of each group, as a line through its point. */
    get intervals() {
        const { color } = LOOKS[this.props.method.key];
        return {
            id: "salesIntervals",
            beforeDatasetsDraw: ({ ctx, scales: { x, y } }) => {
                ctx.save();
                Object.assign(ctx, { strokeStyle: color, lineWidth: 2, globalAlpha: 0.5 });
                for (const { said, low, high } of this.props.groups) {
                    ctx.beginPath();
                    ctx.moveTo(x.getPixelForValue(said * 100), y.getPixelForValue(low * 100));
                    ctx.lineTo(x.getPixelForValue(said * 100), y.getPixelForValue(high * 100));
                    ctx.stroke();
                }
                ctx.restore();
            },
        };
    }

    get config() {
        const { groups, method } = this.props;
        const { color, point } = LOOKS[method.key];
        const full = { min: 0, max: 100 };
        return {
            type: "scatter",
            data: {
                datasets: [
                    {
                        data: groups.map(({ said, won }) => ({ x: said * 100, y: won * 100 })),
                        backgroundColor: color,
                        borderColor: color,
                        pointStyle: point,
                        pointRadius: groups.map(({ cases }) =>
                            Math.min(12, 3 + Math.sqrt(cases) / 2)
                        ),
                    },
                    {
                        type: "line",
                        data: [
                            { x: 0, y: 0 },
                            { x: 100, y: 100 },
                        ],
                        borderColor: this.color,
                        borderDash: [4, 4],
                        borderWidth: 1,
                        pointRadius: 0,
                        pointHitRadius: 0,
                    },
                ],
            },
            options: this.options({
                plugins: {
                    legend: { display: false },
                    tooltip: {
                        filter: ({ datasetIndex }) => !datasetIndex,
                        callbacks: {
                            label: ({ dataIndex }) => {
                                const { said, won, cases } = groups[dataIndex];
                                return _t("said %(said)s, won %(won)s of %(cases)s", {
                                    said: percent(said),
                                    won: percent(won),
                                    cases,
                                });
                            },
                        },
                    },
                },
                scales: {
                    x: this.axis(_t("Chance said, %"), full),
                    y: this.axis(_t("Won, %"), full),
                },
            }),
            plugins: [this.intervals],
        };
    }
}
