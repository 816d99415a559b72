// "/" search, "?" help, "g" then a letter opens a place.
const help = document.getElementById("keyboard-help");
const places = new Map();

for (const link of document.querySelectorAll(".sidebar [data-place]")) {
  const letter = [...link.dataset.place.toLowerCase()].find((one) => /[a-z]/.test(one) && !places.has(one));
  if (letter) places.set(letter, link);
}

const key = (text) => Object.assign(document.createElement("kbd"), { textContent: text });

function listPlaces() {
  const list = help.querySelector("[data-place-keys]");
  for (const [letter, link] of places) {
    const row = document.createElement("div");
    const keys = document.createElement("dt");
    keys.append(key("g"), " ", key(letter));
    row.append(keys, Object.assign(document.createElement("dd"), { textContent: link.dataset.place }));
    list.append(row);
  }
}

const typing = (target) => target.closest?.("input, textarea, select, [contenteditable=true], .tabulator, dialog");

let waiting = 0;

function press(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  const goes = event.timeStamp < waiting && places.get(event.key.toLowerCase());
  waiting = event.key === "g" ? event.timeStamp + 1500 : 0;
  const search = document.getElementById("search");
  if (goes) goes.click();
  else if (event.key === "/" && search) search.focus();
  else if (event.key === "?" && help) help.showModal();
  else return;
  event.preventDefault();
}

if (help) {
  listPlaces();
  document.querySelectorAll("[data-open-help]").forEach((button) => button.addEventListener("click", () => help.showModal()));
}
document.addEventListener("keydown", press);

// the first thing after a refused form is its summary of errors
document.querySelector("[data-error-summary]")?.focus();
