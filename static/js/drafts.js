// What is typed into a form of the case is kept in this browser until it was sent: for a day, for this person, form by
// form. So it outlives a reload, a sign-out elsewhere, an error of the server and a lost connection.
import { sentForm } from "./parts.js";

const KEPT = 24 * 60 * 60 * 1000;
const PREFIX = "draft:";
const TYPED = "textarea, input:is([type=text], [type=number], [type=datetime-local])";
const desk = document.getElementById("desk");
const words = desk.dataset;

const keyNamed = (id) => `${PREFIX}${words.user}:${id}`;
const keyOf = (form) => keyNamed(form.id);
// Asking for a number is nothing to be kept.
const isKept = (form) => form?.id && form.method === "post" && form.autocomplete !== "off" && form.closest("#case");
const typedIn = (form) => [...form.elements].filter((field) => field.name && field.matches(TYPED));
const hasText = (form) => typedIn(form).some((field) => field.value !== field.defaultValue);

function store(key, draft) {
  try {
    if (draft) localStorage.setItem(key, JSON.stringify(draft));
    else localStorage.removeItem(key);
  } catch {
    // A full or closed store: the text is still in the form.
  }
}

function stored(key) {
  try {
    const draft = JSON.parse(localStorage.getItem(key));
    return draft && Date.now() - draft.at < KEPT ? draft : null;
  } catch {
    return null;
  }
}

function keep(form) {
  const chosen = [...form.elements].filter((field) => field.name && field.matches("select, [type=radio]:checked"));
  const fields = [...typedIn(form), ...chosen].map((field) => [field.name, field.value]);
  store(keyOf(form), hasText(form) ? { at: Date.now(), fields } : null);
}

function restore(form) {
  const draft = stored(keyOf(form));
  if (!draft) return store(keyOf(form), null);
  if (form.hasAttribute("data-unsaved") || hasText(form)) return;
  for (const [name, value] of draft.fields) {
    const field = form.elements[name];
    if (field) field.value = value;
  }
  if (!hasText(form)) return;
  form.closest("details")?.setAttribute("open", "");
  const note = document.createElement("p");
  note.className = "draft-note small";
  note.role = "status";
  const discard = document.createElement("button");
  Object.assign(discard, { type: "button", className: "btn btn-sm btn-quiet", textContent: words.discard });
  note.append(words.restored.replace("{}", new Date(draft.at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" })), " ", discard);
  form.prepend(note);
}

function restoreAll() {
  for (const form of document.querySelectorAll("#case form")) if (isKept(form)) restore(form);
}

function forget(form) {
  store(keyOf(form), null);
  form.querySelector(".draft-note")?.remove();
}

desk.addEventListener("input", (event) => {
  if (isKept(event.target.form)) keep(event.target.form);
});
desk.addEventListener("change", (event) => {
  if (isKept(event.target.form)) keep(event.target.form);
});
desk.addEventListener("click", (event) => {
  const form = event.target.closest(".draft-note button")?.form;
  if (!form) return;
  form.reset();
  forget(form);
});
document.addEventListener("htmx:after:swap", (event) => {
  const id = event.detail.ctx.response.status < 400 && sentForm(event.detail.ctx);
  const form = id ? document.getElementById(id) : null;
  if (form && isKept(form) && !form.hasAttribute("data-unsaved")) forget(form);
  else if (id && !form) store(keyNamed(id), null);
  restoreAll();
});

for (const key of Object.keys(localStorage)) if (key.startsWith(PREFIX) && !stored(key)) store(key, null);
restoreAll();
