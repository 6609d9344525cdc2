// Others at the same case: says every now and then that this page is open, and shows who else is there and what they did.
// Nothing is lost where that fails. A phone number that was shown hides itself; on phones long parts start folded.
const BEAT = 20_000;
const WRITING = 30_000;
const SHOWN = 60_000;
const desk = document.getElementById("desk");
let typedAt = -WRITING;

const token = () => JSON.parse(document.body.getAttribute("hx-headers:inherited"))["X-CSRFToken"];

async function beat() {
  const place = document.getElementById("company");
  if (!place || document.hidden) return;
  const body = new URLSearchParams({ seen: place.dataset.seen, writing: performance.now() - typedAt < WRITING ? "1" : "0" });
  const options = { method: "POST", body, headers: { "X-CSRFToken": token() } };
  const answer = await fetch(place.dataset.presence, options).catch(() => null);
  if (!answer?.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const told = page.getElementById("company");
  // Said again, it would be read out again.
  if (!told || !place.isConnected || told.innerHTML === place.innerHTML) return;
  place.innerHTML = told.innerHTML;
  htmx.process(place);
}

function hideNumbers() {
  for (const number of document.querySelectorAll("[data-revealed]:not([data-timed])")) {
    number.dataset.timed = "";
    setTimeout(() => (number.textContent = number.dataset.mask), SHOWN);
  }
}

// On a phone what is rarely needed starts folded; a swap leaves it as it stands.
htmx.config.morphIgnore.push("data-folded");
function fold() {
  if (!matchMedia("(max-width: 768px)").matches) return;
  for (const part of document.querySelectorAll(".fold:not([data-folded])")) {
    part.dataset.folded = "";
    part.open = false;
  }
}

desk.addEventListener("click", (event) => {
  // A link into a folded part opens it.
  const part = event.target.closest(".case-jump a") && document.querySelector(event.target.closest("a").hash)?.closest(".fold");
  if (part) part.open = true;
});
desk.addEventListener("input", (event) => {
  if (event.target.closest("#case form[method=post]")) typedAt = performance.now();
});
document.addEventListener("htmx:after:swap", (event) => {
  hideNumbers();
  fold();
  if (event.detail.ctx.target?.id === "case") beat();
});
document.addEventListener("visibilitychange", beat);
setInterval(beat, BEAT);
hideNumbers();
fold();
beat();
