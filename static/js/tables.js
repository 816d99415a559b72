// Tables: sticky head when everything fits, own scroll box when not; rows by arrows and by click; filters that fold.
import { whenPresent } from "./ready.js";

const narrow = matchMedia("(max-width: 52rem)");

function fit(box) {
  box.classList.remove("fits", "scrolls");
  const scrolls = box.scrollWidth > box.clientWidth + 1;
  box.classList.add(scrolls ? "scrolls" : "fits");
  if (scrolls) box.tabIndex = 0;
  else box.removeAttribute("tabindex");
}

const watcher = new ResizeObserver((entries) => {
  new Set(entries.map((entry) => entry.target.closest("[data-table-box]"))).forEach(fit);
});

// the table itself too: it grows when its typeface arrives
whenPresent("[data-table-box]", (box) => {
  watcher.observe(box);
  const table = box.querySelector("table");
  if (table) watcher.observe(table);
});

const rowLink = (row) => row?.querySelector("a, button, input");

function neighbour(row, step) {
  let next = row;
  do next = step > 0 ? next.nextElementSibling : next.previousElementSibling;
  while (next && !rowLink(next));
  return rowLink(next);
}

document.addEventListener("keydown", (event) => {
  const row = event.target.closest?.(".data-table tbody tr");
  const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key];
  if (!row || !step || event.target.matches("input:not([type=checkbox]), select, textarea")) return;
  const target = neighbour(row, step);
  if (!target) return;
  target.focus();
  event.preventDefault();
});

document.addEventListener("click", (event) => {
  const row = event.target.closest?.("tr[data-row-url]");
  const selecting = String(getSelection()).length > 0;
  if (!row || selecting || event.target.closest("a, button, input, label, select, summary")) return;
  if (event.ctrlKey || event.metaKey) open(row.dataset.rowUrl, "_blank", "noopener");
  else location.assign(row.dataset.rowUrl);
});

// on a phone the filters are folded until asked for; on a wide screen they are always there
function fold() {
  document.querySelectorAll("details[data-filters]").forEach((filters) => {
    filters.open = !narrow.matches;
  });
}

whenPresent("details[data-filters]", (filters) => {
  filters.open = !narrow.matches;
});
narrow.addEventListener("change", fold);
