// The list of reviews to check, by keyboard: choose causes, decide, and go on to the next row.
import { answerKeys, step } from "./keys.js";
import { guardParts, isBell } from "./parts.js";

const checking = document.getElementById("checking");
const causeTree = document.getElementById("cause-tree").content;
const rows = () => [...checking.querySelectorAll("[data-row]")];
const current = () => checking.querySelector("[data-row][aria-current]");
const choices = (row) => [...row.querySelectorAll("input[name=codes]")];

answerKeys(checking, { here: current, more: takeKey });
guardParts(checking.dataset.failed);
markCurrent(rows()[0]);

function takeKey({ key, target }) {
  const row = current();
  if (!row || target.matches("[type=radio]")) return false;
  if (key === "ArrowDown" || key === "ArrowUp") step(checking, key === "ArrowDown" ? 1 : -1);
  else if (key === "p") nextPrimary(row);
  else if (key === "Escape") closeTree(row);
  else if (key === "x" && !row.querySelector('[aria-keyshortcuts="x"]')) dropUncertain(row);
  else if (/^[1-9]$/.test(key)) return takeDigit(row, key);
  else return false;
  return true;
}

// The row that keys act on is the one with the focus, and stays it when the focus goes elsewhere.
function markCurrent(row) {
  for (const each of rows()) each.removeAttribute("aria-current");
  row?.setAttribute("aria-current", "true");
}
checking.addEventListener("focusin", (event) => {
  const row = event.target.closest("[data-row]");
  if (row) markCurrent(row);
});

// Causes: the first digit opens a group, the second chooses in it. What the model found keeps its place above the groups.
function takeDigit(row, digit) {
  const opened = row.querySelector(".cause-tree .is-open");
  if (!opened) return openGroup(row, digit);
  const codes = causeTree.querySelectorAll(`[data-digit="${opened.dataset.digit}"] input[name=codes]`);
  opened.classList.remove("is-open");
  return choose(row, codes[digit - 1]?.value);
}

function openGroup(row, digit) {
  const group = openTree(row).querySelector(`[data-digit="${digit}"]`);
  if (!group) return false;
  const codes = causeTree.querySelectorAll(`[data-digit="${digit}"] input[name=codes]`);
  if (codes.length === 1) return choose(row, codes[0].value);
  group.classList.add("is-open");
  return true;
}

function choose(row, code) {
  const box = choices(row).find((each) => each.value === code);
  box?.click();
  box?.focus();
  return Boolean(box);
}

function openTree(row) {
  const open = row.querySelector(".cause-tree");
  if (open) return open;
  const tree = causeTree.cloneNode(true).querySelector(".cause-tree");
  const found = choices(row).map((box) => box.value);
  for (const box of tree.querySelectorAll("input[name=codes]")) {
    if (found.includes(box.value)) box.closest(".choice").remove();
  }
  row.querySelector("fieldset").append(tree);
  return tree;
}

function closeTree(row) {
  row.querySelector(".cause-tree")?.remove();
  keepPrimary(row);
  row.focus();
}

function dropUncertain(row) {
  for (const box of choices(row)) if ("uncertain" in box.dataset) box.checked = false;
  keepPrimary(row);
  openTree(row);
}

const primaries = (row) => choices(row).filter((box) => box.checked).map((box) => box.closest(".choice").querySelector("[type=radio]"));

function nextPrimary(row) {
  const chosen = primaries(row);
  if (chosen.length) chosen[(chosen.findIndex((radio) => radio.checked) + 1) % chosen.length].checked = true;
}

// Without a chosen primary cause the server takes the first: show that one.
function keepPrimary(row) {
  const chosen = primaries(row);
  if (chosen.length && !chosen.some((radio) => radio.checked)) chosen[0].checked = true;
}

checking.addEventListener("change", ({ target }) => {
  if (target.name !== "codes") return;
  const row = target.closest("[data-row]");
  // "Other" means that no cause is named, so it stands alone.
  for (const box of target.checked ? choices(row) : []) {
    if ((box.value === "other") !== (target.value === "other")) box.checked = false;
  }
  keepPrimary(row);
});

checking.addEventListener("click", (event) => {
  if (!event.target.closest("[data-tree]")) return;
  event.preventDefault();
  const row = event.target.closest("[data-row]");
  if (row.querySelector(".cause-tree")) closeTree(row);
  else openTree(row);
});

// A decided row is gone from the list that comes back: go on with the one in its place, or with the one taken back.
let place = 0;
let returned = "";
document.addEventListener("htmx:before:request", (event) => {
  if (isBell(event)) return;
  const source = event.detail.ctx.sourceElement;
  place = Math.max(rows().indexOf(source.closest("[data-row]")), 0);
  returned = source.dataset.returns ?? "";
});
document.addEventListener("htmx:after:swap", (event) => {
  if (isBell(event)) return;
  const row = document.getElementById(returned) ?? rows()[Math.min(place, rows().length - 1)];
  markCurrent(row);
  (row ?? document.getElementById("main")).focus();
});
