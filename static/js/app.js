// What every page does: the theme switch and "/" to search.
const root = document.documentElement;

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-theme-switch]")) return;
  root.dataset.bsTheme = root.dataset.bsTheme === "dark" ? "light" : "dark";
  localStorage.setItem("theme", root.dataset.bsTheme);
  document.dispatchEvent(new CustomEvent("themechange"));
});

export function isTyping(target) {
  return target.isContentEditable || target.matches("input:not([type=checkbox], [type=radio], [type=file]), textarea, select");
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  const search = document.querySelector("[data-search]") ?? document.getElementById("search");
  if (!search) return;
  event.preventDefault();
  search.focus();
});
