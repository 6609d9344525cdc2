// What came of an act lies over the page, so that nothing moves under one's hand. Confirmations go by themselves, unless one is
// at them; what has to be read stays. Either goes by its button, by Esc, or with the next act.
import { isTyping } from "./app.js";

const SHOWN_MS = 8000;
const box = document.getElementById("messages");
const goes = new WeakMap();
let cameFrom = null;

export function showError(...content) {
  const alert = document.createElement("div");
  alert.className = "alert alert-error";
  alert.append(...content);
  box.replaceChildren(alert);
}

function dismiss(alert) {
  const hadFocus = alert.contains(document.activeElement);
  alert.remove();
  if (hadFocus) (cameFrom?.isConnected ? cameFrom : document.getElementById("main")).focus({ preventScroll: true });
}

function pass(alert) {
  clearTimeout(goes.get(alert));
  goes.set(alert, setTimeout(() => (alert.matches(":hover, :focus-within") ? pass(alert) : dismiss(alert)), SHOWN_MS));
}

// A message that the server sent anew, also in place of another, has no button yet.
function receive() {
  for (const alert of box.querySelectorAll(".alert:not(:has([data-dismiss]))")) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-sm btn-quiet", textContent: "×" });
    button.dataset.dismiss = "";
    button.ariaLabel = box.dataset.dismissLabel;
    alert.append(button);
    clearTimeout(goes.get(alert));
    if (alert.matches(".alert-success, .alert-info")) pass(alert);
  }
}

if (box) {
  new MutationObserver(receive).observe(box, { childList: true, subtree: true });
  // Screen readers tell what comes into a page, not what it came with.
  const told = [...box.children];
  box.replaceChildren();
  setTimeout(() => box.append(...told));
  box.addEventListener("focusin", ({ relatedTarget }) => {
    if (!box.contains(relatedTarget)) cameFrom = relatedTarget;
  });
  box.addEventListener("click", ({ target }) => {
    if (target.closest("[data-dismiss]")) dismiss(target.closest(".alert"));
  });
  // Last of all: what else Esc may end comes first.
  window.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented || isTyping(event.target) || document.querySelector("dialog[open]")) return;
    for (const alert of box.querySelectorAll(".alert")) dismiss(alert);
  });
}
