// Arrow keys move between the planned cells of the workbench; Enter opens one, as any link does.
// The plan is what people come for: the grid opens scrolled to its first planned month.
const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

function cellAt(row, column) {
  return row?.cells[column]?.querySelector("a") ?? null;
}

function neighbour(cell, [down, right]) {
  const column = cell.cellIndex + right;
  if (down === 0) return cellAt(cell.parentElement, column);
  let row = cell.parentElement;
  do {
    row = down > 0 ? row.nextElementSibling : row.previousElementSibling;
  } while (row && !cellAt(row, column));
  return cellAt(row, column);
}

function onKey(event) {
  const step = STEPS[event.key];
  const cell = event.target.closest("td");
  if (!step || !cell || event.altKey || event.ctrlKey || event.metaKey) return;
  const next = neighbour(cell, step);
  if (!next) return;
  event.preventDefault();
  next.focus();
  next.scrollIntoView({ block: "nearest", inline: "nearest" });
}

function showPlan(grid) {
  const first = grid.querySelector(".first-planned");
  const name = grid.querySelector("thead th");
  if (!first || !name) return;
  const before = grid.clientWidth > 600 ? 3 : 0; // months of history left in sight
  grid.scrollLeft = Math.max(0, first.offsetLeft - name.offsetWidth - before * first.offsetWidth);
}

for (const grid of document.querySelectorAll("[data-demand-grid]")) showPlan(grid);
document.addEventListener("htmx:afterSettle", () => {
  for (const grid of document.querySelectorAll("[data-demand-grid]")) showPlan(grid);
});
document.addEventListener("keydown", (event) => {
  if (event.target instanceof Element && event.target.closest("[data-demand-grid]")) onKey(event);
});
