// Choosing rows of the queue: boxes, ranges and keys. What is chosen stays while the list renews itself.
import { isTyping } from "./app.js";

const boxes = () => [...document.querySelectorAll(".row-choice")];
const chosen = new Set();
let anchor = null;

function show() {
  const count = document.getElementById("queue-chosen");
  const all = document.getElementById("choose-all");
  const left = boxes().filter((box) => box.checked).length;
  if (count) count.textContent = all?.checked ? "" : count.dataset.words.replace("{}", left);
}

function note() {
  for (const box of boxes()) chosen[box.checked ? "add" : "delete"](box.value);
  show();
}

// Everything between the row that was chosen last and `box` becomes as `box` is.
function reach(box) {
  const rows = boxes();
  const [from, to] = [rows.findIndex((one) => one.value === anchor), rows.indexOf(box)];
  if (from < 0) return;
  for (const one of rows.slice(Math.min(from, to), Math.max(from, to) + 1)) one.checked = box.checked;
}

function choose(box, isRange) {
  if (isRange) reach(box);
  anchor = box.value;
  note();
}

function chooseAll(isChosen) {
  for (const box of boxes()) box.checked = isChosen;
  const all = document.getElementById("choose-all");
  if (all && !isChosen) all.checked = false;
  note();
}

document.addEventListener("click", (event) => {
  if (event.target.matches(".row-choice")) choose(event.target, event.shiftKey);
  if (event.target.matches("[data-choose-page]")) chooseAll(true);
  if (event.target.matches("[data-choose-none]")) chooseAll(false);
});
// A range chosen with Shift marks no text.
document.addEventListener("mousedown", (event) => {
  if (event.shiftKey && event.target.closest(".row-pick")) event.preventDefault();
});
document.addEventListener("change", (event) => {
  if (event.target.matches("#choose-all")) show();
});

// The row that has the focus, else the one that stands open.
function boxAtHand() {
  const row = document.activeElement?.closest(".queue-row") ?? document.querySelector(".queue-row.is-selected");
  return row?.querySelector(".row-choice");
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || document.querySelector("dialog[open]")) return;
  const key = event.key.toLowerCase();
  if (key === "b") {
    const box = boxAtHand();
    if (!box) return;
    box.checked = event.shiftKey || !box.checked;
    choose(box, event.shiftKey);
  } else if (event.key === "g") document.querySelector("#bulk [name=kind]")?.focus();
  else if (event.key === "Escape" && chosen.size) chooseAll(false);
  else return;
  event.preventDefault();
});

// Rows that came anew are as their cases were; those that left are chosen no more.
document.addEventListener("htmx:after:swap", () => {
  for (const box of boxes()) box.checked = chosen.has(box.value);
  note();
  const here = new Set(boxes().map((box) => box.value));
  for (const value of chosen) if (!here.has(value)) chosen.delete(value);
});
// Going back, the browser brings the boxes as they were.
window.addEventListener("pageshow", note);
note();
