// Draws the charts of the model page; the tables below them hold the same figures.
import { base, colour, drawCharts } from "./charting.js";

const data = JSON.parse(document.getElementById("chart-data").textContent);

// A dot on the diagonal is a score that kept its promise; its size tells how many tags stand behind it.
function reliability() {
  const { axis, ...common } = base();
  const most = Math.max(...data.reliability.map(([, , tags]) => tags));
  const share = { ...axis, type: "value", min: 0, max: 1, nameLocation: "middle", nameTextStyle: axis.axisLabel };
  return {
    ...common,
    tooltip: {
      ...common.tooltip,
      trigger: "item",
      formatter: ({ value: [promised, right, tags] }) =>
        `${data.words.promised} ${promised.toFixed(2)}<br>${data.words.right} ${right.toFixed(2)}<br>${data.words.tags} ${tags}`,
    },
    grid: { left: 34, right: 16, top: 16, bottom: 30, containLabel: true },
    xAxis: { ...share, name: data.words.promised, nameGap: 26 },
    yAxis: { ...share, name: data.words.right, nameGap: 34 },
    series: [
      { type: "line", data: [[0, 0], [1, 1]], symbol: "none", silent: true, tooltip: { show: false }, lineStyle: { type: "dashed", width: 1, color: colour("line-strong") } },
      { type: "scatter", data: data.reliability, symbolSize: ([, , tags]) => 6 + 18 * Math.sqrt(tags / most), color: colour("accent") },
    ],
  };
}

function drift() {
  const { axis, ...common } = base();
  return {
    ...common,
    tooltip: { ...common.tooltip, valueFormatter: (percent) => (percent === null ? "–" : `${percent.toFixed(1)}%`) },
    grid: { left: 8, right: 8, top: 16, bottom: 8, containLabel: true },
    xAxis: { ...axis, type: "category", data: data.weeks, axisLabel: { ...axis.axisLabel, formatter: (day) => day.slice(5) } },
    yAxis: { ...axis, type: "value", axisLabel: { ...axis.axisLabel, formatter: "{value}%" } },
    series: data.drift.map((cause) => ({ type: "line", name: cause.name, data: cause.values, color: colour(`cause-${cause.cause}`), symbolSize: 4 })),
  };
}

drawCharts({ reliability: { option: reliability }, drift: { option: drift } });
