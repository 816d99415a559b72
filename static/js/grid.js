// Sets up Tabulator on every <div data-grid data-source="json-script-id">, loaded only where a grid is.
// Ranges, copy and paste work as in a spreadsheet. Paste is ours: the built-in one skips child rows and
// writes over read-only totals.
import { show } from "./numbers.js";
import { announce, readJson, whenPresent } from "./ready.js";

let loading = null;

function load() {
  loading ??= new Promise((resolve, reject) => {
    const style = document.createElement("link");
    style.rel = "stylesheet";
    style.href = new URL("../vendor/tabulator.min.css", import.meta.url).href;
    document.head.prepend(style); // ours come after and win
    import("../vendor/tabulator.min.js").then(resolve, reject);
  });
  return loading;
}

/** "1,234.5" and "1 234.5" as a spreadsheet writes them; anything else is not a number. */
export function parseNumber(text) {
  const plain = text.replace(/[\s\u00a0\u202f,]/g, "");
  return plain !== "" && Number.isFinite(Number(plain)) ? Number(plain) : null;
}

export const parseBlock = (text) =>
  text.replace(/\r/g, "").replace(/\n$/, "").split("\n").map((line) => line.split("\t"));

const column = (one) => ({
  title: one.unit ? `${one.title} (${one.unit})` : one.title,
  field: one.field,
  frozen: one.frozen,
  width: one.width,
  hozAlign: one.numeric ? "right" : "left",
  headerHozAlign: one.numeric ? "right" : "left",
  formatter: one.numeric ? (cell) => (cell.getValue() === null ? "–" : show(cell.getValue())) : "plaintext",
  editor: one.editable ? "number" : false,
  editable: (cell) => Boolean(one.editable) && !cell.getData().fixed,
});

/** Every row that is on the screen, children of open parents included, in order. */
const visible = (rows) => rows.flatMap((row) => [row, ...(row.isTreeExpanded?.() ? visible(row.getTreeChildren()) : [])]);

/** Write the block at the selected range, repeated over a larger range; fixed and unreadable cells are left alone. */
export function pasteInto(table, block, editable) {
  const range = table.getRanges()[0];
  const rows = visible(table.getRows("active"));
  const first = rows.findIndex((row) => row.getData() === range.getRows()[0].getData());
  const fields = table.getColumns().map((one) => one.getField());
  const left = fields.indexOf(range.getColumns()[0].getField());
  const height = Math.max(block.length, range.getRows().length);
  const width = Math.max(block[0].length, range.getColumns().length);
  const result = { done: 0, skipped: 0 };
  for (let i = 0; i < height; i += 1) {
    for (let j = 0; j < width; j += 1) {
      const row = rows[first + i];
      const field = fields[left + j];
      const value = parseNumber(block[i % block.length][j % block[0].length]);
      const writable = row && field && value !== null && editable.has(field) && !row.getData().fixed;
      if (writable) row.getCell(field).setValue(value, true);
      result[writable ? "done" : "skipped"] += 1;
    }
  }
  return result;
}

async function mount(place) {
  const { Tabulator } = await load();
  const { columns, rows, tree } = readJson(place.dataset.source);
  const editable = new Set(columns.filter((one) => one.editable).map((one) => one.field));
  const table = new Tabulator(place, {
    data: rows,
    columns: columns.map(column),
    columnDefaults: { headerSort: false, resizable: "header" },
    maxHeight: "70vh",
    layout: "fitData",
    dataTree: Boolean(tree),
    dataTreeStartExpanded: true,
    selectableRange: 1,
    selectableRangeColumns: true,
    selectableRangeRows: true,
    selectableRangeAutoFocus: false,
    editTriggerEvent: "dblclick",
    history: editable.size > 0,
    clipboard: editable.size > 0 ? true : "copy",
    clipboardCopyStyled: false,
    clipboardCopyConfig: { rowHeaders: false, columnHeaders: false },
    clipboardCopyRowRange: "range",
    clipboardPasteParser: parseBlock,
    clipboardPasteAction(block) {
      const { done, skipped } = pasteInto(table, block, editable);
      announce(`${done} cells pasted${skipped ? `, ${skipped} left alone` : ""}.`);
      return [];
    },
    rowFormatter: (row) => row.getElement().classList.add(`level-${row.getData().level ?? 1}`),
  });
  table.on("cellEdited", (cell) => cell.getElement().classList.add("changed"));
}

whenPresent("[data-grid]", mount);
