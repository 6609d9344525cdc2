// Runs before the first paint, so that the page never flashes in the other theme.
(() => {
  const stored = localStorage.getItem("theme");
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  document.documentElement.dataset.bsTheme = stored === "dark" || stored === "light" ? stored : system;
})();
