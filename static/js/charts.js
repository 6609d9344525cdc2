// Draws the charts of the statistics page; the tables beside them hold the same figures and the same links.
/* global echarts */
const data = JSON.parse(document.getElementById("chart-data").textContent);
const NARROW = 560;

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--rd-${name}`).trim();
}

function address(cause, day) {
  const url = new URL(data.url, location.href);
  if (cause) url.searchParams.set("cause", cause);
  if (day) {
    url.searchParams.set("from", day);
    url.searchParams.set("to", day);
  }
  return url.href;
}

function base() {
  const ink = colour("ink-soft");
  return {
    animation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    animationDuration: 250,
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: ink },
    tooltip: {
      trigger: "axis",
      confine: true,
      backgroundColor: colour("panel"),
      borderColor: colour("line"),
      textStyle: { color: colour("ink"), fontSize: 12 },
    },
    axis: {
      axisLabel: { color: ink },
      axisLine: { lineStyle: { color: colour("line-strong") } },
      axisTick: { show: false },
      splitLine: { lineStyle: { color: colour("line") } },
    },
  };
}

// Bars lie, so that every name can be read; a narrow screen has room for the most frequent causes only.
function pareto(width) {
  const { axis, ...common } = base();
  const rows = width < NARROW ? data.pareto.slice(0, 8) : data.pareto;
  const total = data.pareto.reduce((sum, row) => sum + row.value, 0);
  let running = 0;
  const cumulative = rows.map((row) => Math.round((1000 * (running += row.value)) / total) / 10);
  return {
    ...common,
    grid: { left: 8, right: 24, top: 8, bottom: 8, containLabel: true },
    yAxis: { ...axis, type: "category", inverse: true, data: rows.map((row) => row.name), axisLabel: { ...axis.axisLabel, interval: 0 } },
    xAxis: [
      { ...axis, type: "value", minInterval: 1 },
      { ...axis, type: "value", min: 0, max: 100, splitLine: { show: false }, axisLabel: { ...axis.axisLabel, formatter: "{value}%" } },
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

const CHARTS = {
  pareto: { option: pareto, follow: (click) => address(data.pareto[click.dataIndex].cause) },
  trend: { option: trend, follow: (click) => address(data.trend[click.seriesIndex].cause, data.days[click.dataIndex]) },
};

for (const place of document.querySelectorAll("[data-chart]")) {
  const { option, follow } = CHARTS[place.dataset.chart];
  place.append(document.createElement("div"));
  const canvas = place.firstElementChild;
  canvas.classList.add("chart-canvas");
  const chart = echarts.init(canvas);
  const draw = () => chart.setOption(option(chart.getWidth()), { notMerge: true });
  chart.on("click", (click) => location.assign(follow(click)));
  document.addEventListener("themechange", draw);
  new ResizeObserver(() => {
    chart.resize();
    draw();
  }).observe(place);
}
