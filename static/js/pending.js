// Decisions by keyboard: j and k go from row to row, a row's own keys settle it.
import { answerKeys } from "./keys.js";

const page = document.getElementById("pending");
const rows = () => [...page.querySelectorAll("[data-row]")];
const current = () => page.querySelector("[data-row][aria-current]");

function markCurrent(row) {
  for (const each of rows()) each.removeAttribute("aria-current");
  row?.setAttribute("aria-current", "true");
}

answerKeys(page, { here: current });
// A refused decision comes back to its row.
const named = new URLSearchParams(location.search).get("row");
markCurrent((named && document.getElementById(`row-${named}`)) || rows()[0]);
page.addEventListener("focusin", (event) => {
  const row = event.target.closest("[data-row]");
  if (row) markCurrent(row);
});
