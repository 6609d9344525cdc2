// The team board: choosing cases with boxes and keys, dragging them onto an agent, and a page that keeps itself up to date.
import { isTyping } from "./app.js";
import { answerKeys } from "./keys.js";
import { guardParts, isBell } from "./parts.js";

const label = document.getElementById("drag-label");
const team = () => document.getElementById("team");
const boxes = () => [...document.querySelectorAll('.team-cases input[name="case"]')];
const chosen = () => boxes().filter((box) => box.checked);

// The box in the heading chooses every case of the list; without JavaScript it stays hidden.
function show() {
  const all = document.querySelector("[data-choose-all]");
  if (!all) return;
  const count = chosen().length;
  all.hidden = boxes().length === 0;
  all.checked = count > 0 && count === boxes().length;
  all.indeterminate = count > 0 && count < boxes().length;
  for (const box of boxes()) box.closest("tr").classList.toggle("is-chosen", box.checked);
}
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-choose-all]")) for (const box of boxes()) box.checked = event.target.checked;
  show();
});
show();

// Keys of the row at hand.
function takeKey(event) {
  const row = document.activeElement?.closest("[data-row]");
  const box = row?.querySelector('input[name="case"]');
  if (event.key === "x" || (event.key === " " && document.activeElement === row)) {
    if (!box) return false;
    box.checked = !box.checked;
    show();
    return true;
  }
  if (event.key === "Enter" && document.activeElement === row) {
    row.querySelector("a").click();
    return true;
  }
  return false;
}
answerKeys(document.querySelector("main"), { more: takeKey });
guardParts(label.dataset.failed);

// Dragging: from a row's grip with mouse, pen or finger. What is chosen goes along where the row is chosen too.
let drag = null;

function agentAt(x, y) {
  return document.elementFromPoint(x, y)?.closest("[data-agent]") ?? null;
}

function follow(x, y) {
  label.style.translate = `${x + 12}px ${y + 12}px`;
  const under = agentAt(x, y);
  if (drag.over !== under) {
    drag.over?.classList.remove("is-target");
    under?.classList.add("is-target");
    drag.over = under;
  }
  // Agents stand above a long list: near the edge the page moves along.
  const edge = 60;
  if (y < edge) scrollBy(0, -12);
  else if (y > innerHeight - edge) scrollBy(0, 12);
}

function end() {
  drag?.over?.classList.remove("is-target");
  document.body.classList.remove("is-dragging");
  label.hidden = true;
  drag = null;
}

document.addEventListener("pointerdown", (event) => {
  const grip = event.target.closest("[data-grip]");
  if (!grip || event.button !== 0) return;
  event.preventDefault();
  const box = grip.closest("tr").querySelector('input[name="case"]');
  const cases = box.checked ? chosen() : [box];
  drag = { cases, over: null, pointer: event.pointerId };
  grip.setPointerCapture(event.pointerId);
  label.textContent = cases.length === 1 ? label.dataset.one : label.dataset.many.replace("{}", cases.length);
  label.hidden = false;
  document.body.classList.add("is-dragging");
  follow(event.clientX, event.clientY);
});
document.addEventListener("pointermove", (event) => {
  if (drag?.pointer === event.pointerId) follow(event.clientX, event.clientY);
});
document.addEventListener("pointerup", (event) => {
  if (drag?.pointer !== event.pointerId) return;
  const { cases, over } = drag;
  end();
  if (over) give(cases, over.dataset.agent);
});
document.addEventListener("pointercancel", end);
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") end();
});

// The same form as without JavaScript, filled in.
function give(cases, agent) {
  const form = document.getElementById("reassign");
  for (const box of boxes()) box.checked = cases.includes(box);
  if (![...form.elements.to.options].some((option) => option.value === agent)) {
    form.elements.to.add(new Option("", agent));
  }
  form.elements.to.value = agent;
  form.requestSubmit();
}

// The page renews itself, but not under somebody's hands.
function isBusy() {
  return Boolean(drag || document.querySelector("[data-editing], dialog[open]")) || isTyping(document.activeElement);
}
document.addEventListener("htmx:before:request", (event) => {
  if (event.detail.ctx.sourceElement === team() && isBusy()) event.preventDefault();
});
document.addEventListener("htmx:after:swap", (event) => {
  if (!isBell(event)) show();
});
