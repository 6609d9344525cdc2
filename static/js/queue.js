// The list at hand: what happens elsewhere changes its rows where they stand; nothing comes, goes or moves in it until
// somebody takes that in. And the menu of saved views.
import { isTyping } from "./app.js";

const ROW = "row-";
const WHOLE = 12; // Every so often the list is looked at whatever its line of history says.
let asked = 0;
let known = null;

const queue = () => document.getElementById("queue");
const rows = () => [...document.querySelectorAll(`#queue-rows > [id^=${ROW}]`)];
const pkOf = (row) => row.id.slice(ROW.length);
const asks = (ctx) => ctx.sourceElement?.id === "queue";
const opens = (ctx) => Boolean(ctx.sourceElement?.matches?.("[data-row]"));

document.addEventListener("htmx:config:request", (event) => {
  const { ctx } = event.detail;
  if (!asks(ctx) && !opens(ctx)) return;
  if (asks(ctx) && document.hidden) return event.preventDefault();
  ctx.request.headers["Desk-Shown"] = rows().map(pkOf).join();
  if (!asks(ctx)) return;
  asked += 1;
  if (asked % WHOLE) ctx.request.headers["Desk-Seen"] = queue().dataset.seen;
});

// Nothing happened: the next question starts from here.
document.addEventListener("htmx:after:request", (event) => {
  const { ctx } = event.detail;
  const seen = asks(ctx) && ctx.response?.status === 204 && ctx.response.headers.get("Desk-Seen");
  if (seen) queue().dataset.seen = seen;
});

document.addEventListener("htmx:before:swap", (event) => {
  const { ctx, tasks } = event.detail;
  if (event.defaultPrevented) return;
  if (ctx.sourceElement?.id === "take-in") known = new Set(rows().map((row) => row.id));
  if (!asks(ctx) && !opens(ctx)) return;
  // Meanwhile somebody went elsewhere: the answer is about a list that is no longer here.
  if (asks(ctx) && ctx.request.action !== queue().dataset.changes) return event.preventDefault();
  const told = tasks.map((task) => task.fragment?.querySelector("#queue-rows")).find(Boolean);
  if (told) hold(told);
});

// Lets the list that came keep the rows at hand in their places; those that are new wait, those that left are greyed.
function hold(told) {
  const here = rows();
  if (!here.length) return;
  const words = new Map([...told.closest("#queue").querySelectorAll("[data-left]")].map((one) => [one.dataset.left, one.textContent]));
  const now = new Map([...told.children].map((row) => [row.id, row]));
  told.replaceChildren(...here.map((row) => (now.has(row.id) ? changed(row, now.get(row.id)) : gone(row, words.get(pkOf(row))))));
}

function changed(row, now) {
  const [before, owner] = [row, now].map((one) => one.querySelector(".queue-owner"));
  if (before.classList.contains("is-changed") || before.textContent !== owner.textContent) owner.classList.add("is-changed");
  row.classList.contains("is-new") && now.classList.add("is-new");
  return now;
}

function gone(row, words = "") {
  const left = row.cloneNode(true);
  left.classList.add("is-gone");
  left.classList.remove("is-new");
  left.querySelector(".queue-owner").textContent = words || row.querySelector(".queue-owner").textContent;
  return left;
}

document.addEventListener("htmx:after:swap", () => {
  if (!known) return;
  const fresh = rows().filter((row) => !known.has(row.id));
  known = null;
  for (const row of fresh) row.classList.add("is-new");
  // What was pressed is gone; the keys go on from what came.
  if (document.activeElement === document.body) fresh[0]?.querySelector("[data-row]").focus({ preventScroll: true });
});

document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  asked = -1;
  htmx.trigger(queue(), "look");
});

// Saved views: counted when the menu opens; while it is open the figures choose one.
const menu = () => document.querySelector("#queue-views[open]");

function close() {
  const open = menu();
  if (open?.contains(document.activeElement)) open.querySelector("summary").focus();
  open?.removeAttribute("open");
}

document.addEventListener("toggle", (event) => {
  if (event.target.id !== "queue-views" || !event.target.open) return;
  // Opened by its key, it is the next place that Tab leads to.
  event.target.querySelector("summary").focus();
  htmx.trigger(document.getElementById("views-menu"), "opened");
}, true);
document.addEventListener("click", (event) => {
  if (menu() && (!event.target.closest("#queue-views") || event.target.closest("#views-menu a"))) close();
});
document.addEventListener("keydown", (event) => {
  if (!menu() || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") {
    event.stopImmediatePropagation();
    close();
  }
  const link = !isTyping(event.target) && menu()?.querySelector(`[data-number="${CSS.escape(event.key)}"]`);
  if (!link) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  link.click();
}, true);
