// Anything but the part of the page that was asked for (a login page, an error) must not take its place.

// The bell asks by itself, on every page: neither what it gets nor what it does not is the page's concern.
export const isBell = (event) => event.detail.ctx?.target?.id === "bell";

// `words` are shown instead.
export function guardParts(words) {
  function report() {
    const alert = document.createElement("div");
    alert.className = "alert alert-error";
    alert.textContent = words;
    document.getElementById("messages").replaceChildren(alert);
  }
  document.addEventListener("htmx:before:swap", (event) => {
    const { target, text } = event.detail.ctx;
    const isPart = text.includes(`id="${target.id}"`) && !/^\s*<!doctype/i.test(text);
    if (isPart || target === document.body) return;
    event.preventDefault();
    if (!isBell(event)) report();
  });
  document.addEventListener("htmx:error", (event) => {
    if (!isBell(event)) report();
  });
}
