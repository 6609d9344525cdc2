// Keys of a page: an element says in aria-keyshortcuts which key it answers to; j and k go from row to row. While one types,
// Ctrl or ⌘ with Enter sends the form, and Esc leaves the field or the act, so that keys answer again.
import { isTyping } from "./app.js";

// `root` holds all elements with keys, `here()` answers the row that is worked on (its keys are its own), and `more(event)`
// whether it took a key that no element has.
export function answerKeys(root, { here = () => root, more = () => false } = {}) {
  document.addEventListener("keydown", (event) => {
    // The keys of an input method choose characters.
    if (event.isComposing) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) return send(root, event);
    if (event.key === "Escape" && leave(root, event.target)) return event.preventDefault();
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || document.querySelector("dialog[open]")) return;
    if (event.key === "j" || event.key === "k") return step(root, event.key === "j" ? 1 : -1);
    if (more(event)) return event.preventDefault();
    if (event.key === "/" || (event.key === "Enter" && event.target.closest("a, button, input, summary"))) return;
    const answering = [...root.querySelectorAll(`[aria-keyshortcuts="${CSS.escape(event.key)}"]`)];
    const element = answering.find((one) => here()?.contains(one) || !one.closest("[data-row]"));
    if (!element) return;
    event.preventDefault();
    if (!isInSight(element)) (element.closest(".panel") ?? element).scrollIntoView({ block: "nearest" });
    if (isTyping(element)) {
      element.closest("details")?.setAttribute("open", "");
      return element.focus();
    }
    element.click();
    element.closest("details[open]")?.querySelector("select, textarea")?.focus();
  });
  root.addEventListener("click", (event) => {
    if (event.target.closest("[data-keys]")) document.getElementById("keys").showModal();
  });
}

// An act that was folded out is folded in again, and what was typed stays in it; of anything else the field is left.
function leave(root, element) {
  const act = element.closest("details.action[open]");
  if (!root.contains(element) || !(act || isTyping(element))) return false;
  if (!act) element.blur();
  act?.removeAttribute("open");
  act?.querySelector("summary").focus();
  return true;
}

// What a key does is done where one sees it.
function isInSight(element) {
  const { left, top, width, height } = element.getBoundingClientRect();
  return element.contains(document.elementFromPoint(left + width / 2, top + height / 2));
}

// The focus goes along: on the button keys answer again, and what comes back can be sent once more.
function send(root, event) {
  const button = root.contains(event.target) && event.target.form?.querySelector("button:not([type=button])");
  if (!button) return;
  event.preventDefault();
  button.focus({ preventScroll: true });
  button.click();
}

export function step(root, by) {
  const rows = [...root.querySelectorAll("[data-row]")];
  const here = rows.findIndex((row) => row.contains(document.activeElement));
  const from = here >= 0 ? here : rows.findIndex((row) => row.hasAttribute("aria-current"));
  rows[Math.min(Math.max(from + by, 0), rows.length - 1)]?.focus();
}
