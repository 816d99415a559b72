// Draws every <div data-chart="kind" data-source="json-script-id"> with ECharts, loaded only where a chart is.
// Redraws when the colours change or the box does; arrows walk through the values; the menu shows the
// table behind the chart and exports CSV and PNG.
import { kinds } from "./chart_kinds.js";
import { chartCsv } from "./chart_csv.js";
import { palette } from "./palette.js";
import { announce, download, readJson, whenPresent } from "./ready.js";

const charts = new Map(); // figure id → {chart, data, place, kind}
let loading = null;

const load = () => (loading ??= import("../vendor/echarts.min.js"));

async function mount(place) {
  const figure = place.closest("figure");
  try {
    const { init } = await load();
    const shown = { place, data: readJson(place.dataset.source), kind: place.dataset.chart, at: -1 };
    shown.chart = init(place, null, { renderer: "canvas" });
    charts.set(figure.id, shown);
    draw(shown);
    sizes.observe(place);
    place.addEventListener("keydown", (event) => walk(shown, event));
  } catch (error) {
    figure.classList.add("show-table"); // the table says the same
    announce("The chart could not be drawn; its table is shown instead.");
    throw error;
  }
}

const sizes = new ResizeObserver((entries) => {
  for (const { target } of entries) charts.get(target.closest("figure")?.id)?.chart.resize();
});

function draw(shown) {
  const colours = palette();
  const { option, tell } = kinds[shown.kind](shown.data, colours, shown.place.clientWidth);
  shown.tell = tell;
  shown.chart.setOption({ ...frame(colours), ...option, tooltip: tooltip(colours, option.tooltip) }, { notMerge: true });
}

const frame = (colours) => ({
  animation: false,
  aria: { enabled: false }, // the element has its own description
  textStyle: { fontFamily: colours.font, color: colours.ink },
});

const tooltip = (colours, own) => ({
  renderMode: "richText", // HTML tooltips need inline styles, which the policy refuses
  confine: true,
  backgroundColor: colours.surface,
  borderColor: colours.line,
  textStyle: { color: colours.strong, fontFamily: colours.font, fontSize: 12, lineHeight: 18 },
  ...own,
});

function walk(shown, event) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step || !shown.tell) return;
  const last = shown.tell.length - 1;
  shown.at = Math.max(0, Math.min(last, shown.at + step));
  shown.chart.dispatchAction({ type: "showTip", seriesIndex: 0, dataIndex: shown.at });
  announce(shown.tell[shown.at].replaceAll("\n", ", "));
  event.preventDefault();
}

function toggleTable(button) {
  const figure = document.getElementById(button.dataset.chartTable);
  const shown = figure.classList.toggle("show-table");
  button.textContent = shown ? "Show the chart" : "Show the table";
}

function exportPng(id) {
  const { chart } = charts.get(id);
  const picture = { type: "png", pixelRatio: 2, backgroundColor: palette().surface };
  download(`${id}.png`, chart.getDataURL(picture));
}

function exportCsv(id) {
  const { data, kind } = charts.get(id);
  const address = URL.createObjectURL(new Blob(["\ufeff", chartCsv(kind, data)], { type: "text/csv" }));
  download(`${id}.csv`, address);
  URL.revokeObjectURL(address);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-chart-table], [data-chart-png], [data-chart-csv]");
  if (!button) return;
  const { chartTable, chartPng, chartCsv: csv } = button.dataset;
  if (chartTable) toggleTable(button);
  else if (chartPng) exportPng(chartPng);
  else exportCsv(csv);
  button.closest("details").open = false;
});

document.documentElement.addEventListener("themechange", () => charts.forEach(draw));
document.addEventListener("htmx:beforeCleanupElement", (event) => {
  for (const [id, shown] of charts) {
    if (!event.detail.elt.contains(shown.place)) continue;
    sizes.unobserve(shown.place);
    shown.chart.dispose();
    charts.delete(id);
  }
});

whenPresent("[data-chart]", mount);
