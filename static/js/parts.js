// Anything but the part of the page that was asked for (a login page, an error) must not take its place.
import { showError } from "./messages.js";

// The bell asks by itself, on every page: neither what it gets nor what it does not is the page's concern.
export const isBell = (event) => event.detail.ctx?.target?.id === "bell";

// The id of the form that was sent, undefined where none was: after a swap its element may be gone, or be another form.
const sent = new WeakMap();
document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  if (ctx.sourceElement.matches("form[method=post]")) sent.set(ctx, ctx.sourceElement.id);
});
export const sentForm = (ctx) => sent.get(ctx);

// `words` are shown instead. Somebody who was signed out meanwhile is shown the way back, which leads here again, and
// `kept`, what becomes of what they typed.
export function guardParts(words, kept = "") {
  function report(address = "") {
    const { signIn, signedOut, signInAgain } = document.getElementById("messages").dataset;
    if (new URL(address, location).pathname === signIn) {
      const here = encodeURIComponent(location.pathname + location.search);
      const link = Object.assign(document.createElement("a"), { href: `${signIn}?next=${here}`, textContent: signInAgain });
      showError(`${signedOut} ${kept} `, link);
    } else showError(words);
  }
  document.addEventListener("htmx:before:swap", (event) => {
    const { target, text, response } = event.detail.ctx;
    const isPart = text.includes(`id="${target.id}"`) && !/^\s*<!doctype/i.test(text);
    // An empty answer says that nothing has changed.
    if (isPart || target === document.body || response?.status === 204) return;
    event.preventDefault();
    if (!isBell(event)) report(response?.raw?.url);
  });
  document.addEventListener("htmx:error", (event) => {
    // What asks by itself asks again in a moment; a request that was overtaken or lost on the way is no news.
    if (!event.detail.ctx?.sourceElement?.matches("[hx-trigger^=every]")) report();
  });
}
