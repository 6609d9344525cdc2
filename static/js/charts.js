// Draws the charts of the statistics page; the tables beside them hold the same figures and the same links.
import { base, colour, drawCharts } from "./charting.js";

const data = JSON.parse(document.getElementById("chart-data").textContent);
const NARROW = 560;
const NAMES_SHARE = 0.4;

function address(cause, day) {
  const url = new URL(data.url, location.href);
  if (cause) url.searchParams.set("cause", cause);
  if (day) {
    url.searchParams.set("from", day);
    url.searchParams.set("to", day);
  }
  return url.href;
}

// Bars lie, so that every name can be read; a narrow screen has room for the most frequent causes only, and long names
// take several lines there.
function pareto(width) {
  const { axis, ...common } = base();
  const isNarrow = width < NARROW;
  const rows = isNarrow ? data.pareto.slice(0, 8) : data.pareto;
  const names = { ...axis.axisLabel, interval: 0, ...(isNarrow && { width: width * NAMES_SHARE, overflow: "break" }) };
  const amounts = { ...axis.axisLabel, hideOverlap: true };
  const total = data.pareto.reduce((sum, row) => sum + row.value, 0);
  let running = 0;
  const cumulative = rows.map((row) => Math.round((1000 * (running += row.value)) / total) / 10);
  return {
    ...common,
    grid: { left: 8, right: 24, top: 8, bottom: 8, containLabel: true },
    yAxis: { ...axis, type: "category", inverse: true, data: rows.map((row) => row.name), axisLabel: names },
    xAxis: [
      { ...axis, type: "value", minInterval: 1, axisLabel: amounts },
      { ...axis, type: "value", min: 0, max: 100, splitLine: { show: false }, axisLabel: { ...amounts, formatter: "{value}%" } },
    ],
    series: [
      { type: "bar", name: data.words.reviews, barMaxWidth: 20, data: rows.map((row) => ({ value: row.value, itemStyle: { color: colour(`cause-${row.top}`) } })) },
      { type: "line", name: data.words.cumulative, xAxisIndex: 1, data: cumulative, symbolSize: 5, color: colour("ink-soft"), tooltip: { valueFormatter: (share) => `${share}%` } },
    ],
  };
}

function trend() {
  const { axis, ...common } = base();
  return {
    ...common,
    grid: { left: 8, right: 8, top: 16, bottom: 8, containLabel: true },
    xAxis: { ...axis, type: "category", data: data.days, axisLabel: { ...axis.axisLabel, formatter: (day) => day.slice(5) } },
    yAxis: { ...axis, type: "value", minInterval: 1 },
    series: data.trend.map((cause) => ({ type: "bar", stack: "causes", name: cause.name, data: cause.values, color: colour(`cause-${cause.cause}`), barMaxWidth: 32 })),
  };
}

drawCharts({
  pareto: { option: pareto, follow: (click) => address(data.pareto[click.dataIndex].cause) },
  trend: { option: trend, follow: (click) => address(data.trend[click.seriesIndex].cause, data.days[click.dataIndex]) },
});
