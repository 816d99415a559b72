// The numbers of a chart as CSV. A text that a spreadsheet would run as a formula is guarded.
const cell = (value) => {
  const text = value === null || value === undefined ? "" : String(value);
  const safe = typeof value !== "number" && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};

const rowsByX = ({ x, series, bands = [] }) => [
  ["", ...series.map((one) => one.name), ...bands.flatMap((one) => [`${one.name} low`, `${one.name} high`])],
  ...x.map((label, i) => [
    label,
    ...series.map((one) => one.values[i]),
    ...bands.flatMap((one) => [one.low[i], one.high[i]]),
  ]),
];

const tables = {
  line: rowsByX,
  stacked: rowsByX,
  bars: rowsByX,
  heat: ({ x, y, cells }) => [["", "", "value"], ...cells.map(([i, j, value]) => [y[j], x[i], value])],
  scatter: (data) => [["", data.label_x, data.label_y], ...data.points.map((one) => [one.name, one.x, one.y])],
  waterfall: ({ steps }) => [["", "value"], ...steps.map((one) => [one.name, one.value])],
  histogram: ({ bins }) => [["from", "to", "count"], ...bins.map((one) => [one.from, one.to, one.count])],
};

export const chartCsv = (kind, data) =>
  tables[kind](data).map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";
