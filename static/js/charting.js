// What charts of every page share: colours of the theme, axes and text, and drawing anew when either changes.
/* global echarts */

export function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--rd-${name}`).trim();
}

export function base() {
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

// Fills each [data-chart] from `charts`: name -> { option(width), follow(click), an address to go to, or none }.
export function drawCharts(charts) {
  for (const place of document.querySelectorAll("[data-chart]")) {
    const { option, follow } = charts[place.dataset.chart];
    place.append(document.createElement("div"));
    const canvas = place.firstElementChild;
    canvas.classList.add("chart-canvas");
    const chart = echarts.init(canvas);
    const draw = () => chart.setOption(option(chart.getWidth()), { notMerge: true });
    if (follow) chart.on("click", (click) => location.assign(follow(click)));
    document.addEventListener("themechange", draw);
    new ResizeObserver(() => {
      chart.resize();
      draw();
    }).observe(place);
  }
}
