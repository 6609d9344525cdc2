// The drop zone: shows what was dropped or chosen, and says at once when a file is too big to be sent.

const form = document.querySelector("[data-upload]");
const zone = form.querySelector("[data-drop]");
const input = form.querySelector("input[type=file]");
const chosen = form.querySelector("[data-chosen]");
const limit = Number(form.dataset.limit);

function isTooBig() {
  return [...input.files].some((file) => file.size > limit);
}

function sizeOf(file) {
  const kilobytes = file.size / 1024;
  return kilobytes < 1024 ? `${Math.ceil(kilobytes)} KB` : `${(kilobytes / 1024).toFixed(1)} MB`;
}

function show() {
  const names = [...input.files].map((file) => `${file.name} · ${sizeOf(file)}`);
  chosen.classList.toggle("is-refused", isTooBig());
  chosen.textContent = isTooBig() ? form.dataset.tooBig : names.join("\n");
}

for (const type of ["dragenter", "dragover"]) {
  zone.addEventListener(type, (event) => {
    event.preventDefault();
    zone.classList.add("is-over");
  });
}
for (const type of ["dragleave", "drop"]) {
  zone.addEventListener(type, () => zone.classList.remove("is-over"));
}
zone.addEventListener("drop", (event) => {
  event.preventDefault();
  if (event.dataTransfer.files.length === 0) return;
  input.files = event.dataTransfer.files;
  show();
});
input.addEventListener("change", show);
form.addEventListener("submit", (event) => {
  if (isTooBig()) event.preventDefault();
});
show();
