import { Component, onWillStart, onWillUnmount, useEffect, useRef } from "@odoo/owl";
import { loadBundle } from "@web/core/assets";
import { _t } from "@web/core/l10n/translation";
import { full, short } from "./board_texts";

// Of middle brightness, so that they stand out from light and dark pages alike; the
// lines differ in their dashes and the bars in their place, not by colour alone.
const ACHIEVED = "#3d8bd4";
const EXPECTED = "#8a929b";
const BAR_AHEAD = "#2a9d5c";
const BAR_BEHIND = "#d68a2d";

/** Draws a line where today is. */
function todayLine(place, color, label) {
    return {
        id: "salesToday",
        afterDatasetsDraw({ ctx, chartArea, scales }) {
            if (place === null) {
                return;
            }
            const x = scales.x.getPixelForValue(place);
            ctx.save();
            Object.assign(ctx, { strokeStyle: color, fillStyle: color, globalAlpha: 0.6 });
            ctx.setLineDash([2, 3]);
            ctx.beginPath();
            ctx.moveTo(x, chartArea.top);
            ctx.lineTo(x, chartArea.bottom);
            ctx.stroke();
            ctx.globalAlpha = 1;
            ctx.font = `11px ${getComputedStyle(document.body).fontFamily}`;
            ctx.textAlign = x > chartArea.right - 40 ? "right" : "center";
            ctx.fillText(label, x, chartArea.top - 4);
            ctx.restore();
        },
    };
}

/** Sum against expectation above, what each day or week brought below. */
export class TargetChart extends Component {
    static template = "sales_process.TargetChart";
    static props = { metric: Object, onOpen: Function };

    setup() {
        this.canvas = useRef("canvas");
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(
            () => this.draw(),
            () => [JSON.stringify(this.props.metric)]
        );
        onWillUnmount(() => this.chart?.destroy());
    }

    get label() {
        return _t("%s: achieved and expected. The table below has the same figures.", this.props.metric.name);
    }

    get series() {
        return this.props.metric.series;
    }

    /** The step today lies in, if any: the last that is not in the future. */
    get today() {
        const past = this.series.filter((step) => !step.is_future).length;
        return past && past < this.series.length ? past - 1 : null;
    }

    canOpen(step) {
        return this.props.metric.can_open && !step.is_future;
    }

    /** Whether a step brought what it should have. */
    isGood(step) {
        const { better } = this.props.metric;
        return better === "lower" ? step.achieved <= step.target : step.achieved >= step.target;
    }

    get datasets() {
        const steps = this.series;
        return [
            {
                type: "line",
                label: _t("Achieved so far"),
                data: steps.map((step) => (step.is_future ? null : step.achieved_cum)),
                borderColor: ACHIEVED,
                backgroundColor: ACHIEVED,
                borderWidth: 3,
                pointRadius: steps.length > 15 ? 0 : 3,
                yAxisID: "y",
            },
            {
                type: "line",
                label: _t("Expected so far"),
                data: steps.map((step) => step.expected_cum ?? step.target_cum),
                borderColor: EXPECTED,
                backgroundColor: EXPECTED,
                borderDash: [6, 4],
                borderWidth: 2,
                pointRadius: 0,
                yAxisID: "y",
            },
            {
                type: "bar",
                label: _t("Achieved"),
                data: steps.map((step) => (step.is_future ? null : step.achieved)),
                backgroundColor: steps.map((step) => (this.isGood(step) ? BAR_AHEAD : BAR_BEHIND)),
                borderRadius: 2,
                maxBarThickness: 40,
                yAxisID: "bars",
            },
            {
                type: "line",
                label: _t("Target"),
                data: steps.map((step) => step.target),
                borderColor: EXPECTED,
                backgroundColor: EXPECTED,
                borderWidth: 1.5,
                stepped: "middle",
                pointRadius: 0,
                yAxisID: "bars",
            },
        ];
    }

    draw() {
        this.chart?.destroy();
        const today = todayLine(this.today, this.color, _t("today"));
        // eslint-disable-next-line no-undef
        this.chart = new Chart(this.canvas.el, {
            data: { labels: this.series.map((step) => step.label), datasets: this.datasets },
            options: this.chartOptions,
            plugins: [today],
        });
    }

    /** The colour of text around the chart, whatever the theme. */
    get color() {
        return getComputedStyle(this.canvas.el).color;
    }

    get chartOptions() {
        const { metric, onOpen } = this.props;
        const color = this.color;
        const gridColor = color.replace(/^rgb\((.*)\)$/, "rgba($1, 0.12)");
        const axis = (weight) => ({
            stack: "board",
            stackWeight: weight,
            beginAtZero: true,
            offset: true,
            grid: { color: gridColor },
            ticks: { color, maxTicksLimit: 5, callback: (value) => short(value, metric) },
        });
        return {
            responsive: true,
            maintainAspectRatio: false,
            animation: false,
            layout: { padding: { top: 14 } },
            interaction: { mode: "index", intersect: false },
            onClick: (_event, [element]) => {
                const step = element && this.series[element.index];
                if (step && this.canOpen(step)) {
                    onOpen(step);
                }
            },
            onHover: ({ native }, [element]) => {
                const isLink = element && this.canOpen(this.series[element.index]);
                native.target.style.cursor = isLink ? "pointer" : "default";
            },
            plugins: {
                legend: { display: false },
                tooltip: {
                    callbacks: {
                        label: ({ dataset, raw }) => `${dataset.label}: ${full(raw, metric)}`,
                    },
                },
            },
            scales: {
                x: {
                    grid: { display: false },
                    ticks: { color, maxRotation: 0, autoSkipPadding: 12 },
                },
                bars: axis(1),
                y: axis(2),
            },
        };
    }
}
