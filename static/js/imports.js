// The drop zone: shows what was dropped or chosen, and says at once when a file is too big to be sent.

const form = document.querySelector("[data-upload]");
const zone = form.querySelector("[data-drop]");
const input = form.querySelector("input[type=file]");
const chosen = form.querySelector("[data-chosen]");
const limit = Number(form.dataset.limit);

function isTooBig() {
  return input.files.length > 0 && input.files[0].size > limit;
}

function show() {
  const [file] = input.files;
  chosen.classList.toggle("is-refused", isTooBig());
  if (!file) chosen.textContent = "";
  else if (isTooBig()) chosen.textContent = form.dataset.tooBig;
  else chosen.textContent = `${file.name} · ${(file.size / 1024 / 1024).toFixed(2)} MB`;
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
  const one = new DataTransfer();
  one.items.add(event.dataTransfer.files[0]);
  input.files = one.files;
  show();
});
input.addEventListener("change", show);
form.addEventListener("submit", (event) => {
  if (isTooBig()) event.preventDefault();
});
show();
