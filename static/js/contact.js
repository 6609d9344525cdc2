// The form of a contact: a timer for the talk, times for the next one, and pictures pasted or dropped into it. The case is swapped while a
// timer runs, so nothing is kept in the page: the start of a talk is kept for the tab, the files are those of the field.

const formOf = (element) => element.closest?.("form[data-contact]");
const keyOf = (form) => `talk-${form.dataset.contact}`;
const fieldOf = (form) => form.elements.duration_seconds;

function clock(seconds) {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

function elapsed(form) {
  const start = sessionStorage.getItem(keyOf(form));
  return start === null ? null : Math.round((Date.now() - Number(start)) / 1000);
}

function showTimers() {
  for (const form of document.querySelectorAll("form[data-contact]")) {
    const button = form.querySelector("[data-timer]");
    const seconds = elapsed(form);
    button.querySelector("[data-timer-label]").textContent = seconds === null ? button.dataset.start : button.dataset.stop;
    form.querySelector("[data-timer-shown]").textContent = seconds === null ? "" : clock(Number(fieldOf(form).value) + seconds);
  }
}

// What several stretches of one talk took adds up.
function stop(form) {
  const field = fieldOf(form);
  field.value = Math.min(Number(field.value) + elapsed(form), Number(field.max));
  sessionStorage.removeItem(keyOf(form));
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

document.addEventListener("click", (event) => {
  const form = event.target.closest("[data-timer]") && formOf(event.target);
  if (!form) return;
  if (elapsed(form) === null) sessionStorage.setItem(keyOf(form), Date.now());
  else stop(form);
  showTimers();
});
document.addEventListener("submit", (event) => {
  if (formOf(event.target) && elapsed(event.target) !== null) stop(event.target);
}, true);
setInterval(showTimers, 1000);

// Phrases: into the text, with the result they stand for.
document.addEventListener("click", (event) => {
  const { phrase, result } = event.target.closest("[data-phrase]")?.dataset ?? {};
  if (!phrase) return;
  const { said, result: results } = formOf(event.target).elements;
  results.value = result;
  const gap = said.value && !/\s$/.test(said.value) ? " " : "";
  said.setRangeText(gap + phrase, said.value.length, said.value.length, "end");
  said.focus();
  said.dispatchEvent(new Event("input", { bubbles: true }));
});

// The next contact by the clock of the shop, wherever the browser stands.
const HOUR = 60 * 60 * 1000;
const IN_THE_MORNING = "10:00";

function momentOf({ inHours, inDays }, timeZone) {
  const at = new Date(Date.now() + (inHours ?? inDays * 24) * HOUR);
  // Sweden writes a moment as the field does, but for the T.
  const [day, time] = at.toLocaleString("sv-SE", { timeZone }).split(" ");
  return `${day}T${inDays ? IN_THE_MORNING : time.slice(0, 5)}`;
}

document.addEventListener("click", (event) => {
  const choice = event.target.closest("[data-in-hours], [data-in-days]");
  if (!choice) return;
  const field = choice.form.elements.next_contact_at;
  field.value = momentOf(choice.dataset, choice.form.dataset.zone);
  // Chosen by its key, Ctrl+Enter sends the form from here.
  choice.focus();
  field.dispatchEvent(new Event("input", { bubbles: true }));
});

// Files
function showFiles() {
  for (const form of document.querySelectorAll("form[data-contact]")) {
    const names = [...form.elements.attachments.files].map((file) => {
      const item = document.createElement("li");
      item.textContent = `${file.name} · ${Math.ceil(file.size / 1024)} KB`;
      return item;
    });
    form.querySelector("[data-chosen]").replaceChildren(...names);
  }
}

function add(form, files) {
  const all = new DataTransfer();
  for (const file of [...form.elements.attachments.files, ...files]) all.items.add(file);
  form.elements.attachments.files = all.files;
  showFiles();
}

document.addEventListener("paste", (event) => {
  const form = formOf(event.target);
  if (!form || event.clipboardData.files.length === 0 || event.clipboardData.types.includes("text/plain")) return;
  event.preventDefault();
  add(form, event.clipboardData.files);
});
document.addEventListener("dragover", (event) => {
  if (formOf(event.target) && event.dataTransfer.types.includes("Files")) event.preventDefault();
});
document.addEventListener("drop", (event) => {
  const form = formOf(event.target);
  if (!form || event.dataTransfer.files.length === 0) return;
  event.preventDefault();
  add(form, event.dataTransfer.files);
});
document.addEventListener("change", (event) => {
  if (formOf(event.target)) showFiles();
});
document.addEventListener("reset", () => setTimeout(showFiles));

document.addEventListener("htmx:after:swap", () => {
  showTimers();
  showFiles();
});
showTimers();
showFiles();
