// The desk: keys, ticking clocks, scripts to copy, and typed text that is never lost unasked.
import { answerKeys } from "./keys.js";
import { guardParts, sentForm } from "./parts.js";

const desk = document.getElementById("desk");
const words = desk.dataset;

answerKeys(desk);
guardParts(words.failed, words.kept);

// Clocks: the words of cases/views/clock.py.
function span(minutes) {
  if (minutes < 120) return words.clockMin.replace("{}", minutes);
  if (minutes < 2 * 24 * 60) return words.clockH.replace("{}", Math.floor(minutes / 60));
  return words.clockD.replace("{}", Math.floor(minutes / (24 * 60)));
}

function tick() {
  for (const clock of document.querySelectorAll("[data-clock]")) {
    const left = new Date(clock.dateTime) - Date.now();
    const isLate = left <= 0;
    const text = (isLate ? words.clockLate : words.clockLeft).replace("{}", span(Math.floor(Math.abs(left) / 60000)));
    clock.className = `clock clock-${isLate ? "late" : left < 15 * 60000 ? "near" : "ahead"}`;
    clock.querySelector("[data-clock-text]").textContent = text;
  }
}
setInterval(tick, 10000);

// Scripts to copy or insert, and filters that apply at once.
desk.addEventListener("click", async (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const script = button.closest(".script")?.querySelector("[data-script]").textContent;
  if ("copy" in button.dataset) {
    await navigator.clipboard.writeText(script);
    button.textContent = words.copied;
  }
  if (button.dataset.insert) {
    const field = document.getElementById(button.dataset.insert);
    const start = field.selectionStart;
    field.setRangeText(script, start, field.selectionEnd, "end");
    field.focus();
    field.dispatchEvent(new Event("input", { bubbles: true }));
    // What the case does not know is typed over.
    const gap = button.closest(".script").querySelector(".gap:not(.is-filled)")?.textContent;
    const at = gap ? field.value.indexOf(gap, start) : -1;
    if (at >= 0) field.setSelectionRange(at, at + gap.length);
  }
});
// What the case does not know and the scripts need is asked for once, and stands in all of them.
function fillGaps() {
  for (const blank of desk.querySelectorAll("[data-blank]")) {
    for (const gap of desk.querySelectorAll(`[data-gap="${blank.dataset.blank}"]`)) {
      gap.dataset.name ??= gap.textContent;
      gap.textContent = blank.value || gap.dataset.name;
      gap.classList.toggle("is-filled", blank.value !== "");
    }
  }
}
desk.addEventListener("input", fillGaps);

// How much of a limited field is used.
function count() {
  for (const counter of desk.querySelectorAll("[data-count]")) {
    const field = document.getElementById(counter.htmlFor.value);
    counter.textContent = `${field.value.length} / ${field.maxLength}`;
  }
}
desk.addEventListener("input", count);
count();

desk.addEventListener("change", (event) => {
  if (event.target.matches("#queue-filter select")) event.target.form.requestSubmit();
});

// What was typed stays: details keep their state when the case is morphed, and leaving asks first.
htmx.config.morphIgnore.push("open");

// `sent` is a form that is on its way.
function hasUnsaved(sent = null) {
  const fields = [...desk.querySelectorAll("#case textarea, #case input:not([type=hidden], [data-blank])")];
  const forms = [...desk.querySelectorAll("#case [data-unsaved]")];
  return forms.some((form) => form !== sent) || fields.some((field) => field.form !== sent && field.value !== field.defaultValue);
}

// Signing in again leads back, and drafts bring everything back.
let isComingBack = false;
document.getElementById("main").addEventListener("click", (event) => {
  isComingBack = Boolean(event.target.closest("#messages a"));
});
window.addEventListener("beforeunload", (event) => {
  if (!isComingBack && hasUnsaved()) event.preventDefault();
});
document.addEventListener("htmx:before:request", (event) => {
  const source = event.detail.ctx.sourceElement;
  const question = (source.matches("[data-row]") && words.leave) || (source.matches("#case form[id^=close-]") && words.close);
  if (question && hasUnsaved(source) && !confirm(question)) event.preventDefault();
});

// The field to change; of choices the one that was made, from which the arrows lead to the others.
function refusedIn(form) {
  const [first] = form.querySelectorAll("[aria-invalid=true]");
  return (first?.type === "radio" && form.querySelector(`[name=${first.name}]:checked`)) || first;
}

// A form that was accepted starts anew; other forms keep what is typed in them.
document.addEventListener("htmx:after:swap", (event) => {
  const { sourceElement: source, response } = event.detail.ctx;
  const id = sentForm(event.detail.ctx);
  const form = id ? document.getElementById(id) : null;
  tick();
  if (id !== undefined && response.status < 400) {
    form?.reset();
    (form || source).closest("details:not(.fold)")?.removeAttribute("open");
  }
  if (form && response.status >= 400) refusedIn(form)?.focus();
  count();
  fillGaps();
  if (source.matches("[data-row]") && !source.offsetParent) document.getElementById("case-title").focus();
});
