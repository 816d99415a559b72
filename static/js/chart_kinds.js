// One function for each kind of chart: (data, colours, width) → {option for ECharts, tell: one text per value}.
import { short, show } from "./numbers.js";
import { strokes } from "./palette.js";

const number = (value, unit) => {
  if (value === null || value === undefined) return "–";
  return unit ? `${show(value)} ${unit}` : show(value);
};

const grid = (top) => ({ left: 8, right: 16, top, bottom: 4, containLabel: true });

/** Where the drawing begins under a legend of these names: as many lines as they need. */
const under = (names, width) => {
  const wide = names.reduce((sum, { name }) => sum + 46 + name.length * 6.8, 0);
  return 36 + 20 * Math.ceil(wide / Math.max(width, 1));
};

const categories = (labels, colours, more = {}) => ({
  type: "category",
  data: labels,
  axisTick: { show: false },
  axisLine: { lineStyle: { color: colours.line } },
  axisLabel: { color: colours.ink, hideOverlap: true },
  ...more,
});

/** The unit stands above the axis. */
const unit = (data) => ({ name: data.unit, nameGap: 10, nameTextStyle: { align: "right", padding: [0, 6, 0, 0] } });

const values = (colours, more = {}) => ({
  type: "value",
  axisLabel: { color: colours.ink, formatter: (value) => short(value) },
  splitLine: { lineStyle: { color: colours.grid } },
  ...more,
});

/** Numbers of things have no half marks on their axis. */
const whole = ({ series }) =>
  series.every((one) => one.values.every((value) => value === null || Number.isInteger(value))) ? { minInterval: 1 } : {};

/** In the legend a line is the line as drawn, without its dot; bars and bands are patches. */
const legend = (lines, patches, colours) => ({
  data: [
    ...lines.map(({ name }) => ({ name, itemStyle: { opacity: 0 } })),
    ...patches.map(({ name }) => ({ name, icon: "rect" })),
  ],
  left: 0,
  top: 2,
  type: "plain",
  itemWidth: 22,
  itemHeight: 8,
  itemGap: 16,
  textStyle: { color: colours.ink, fontSize: 12 },
});

/** Vertical marks: today, and dated events. */
function marks({ x, today, marks: events = [] }, colours) {
  const data = events.map((event) => ({ xAxis: event.x, label: { formatter: event.text } }));
  if (today && x.includes(today)) data.push({ xAxis: today, label: { formatter: "today" } });
  return {
    silent: true,
    symbol: "none",
    data,
    label: { color: colours.ink, position: "end", distance: 3, fontSize: 11 },
    lineStyle: { color: colours.ink, type: [3, 3], width: 1 },
  };
}

/** A band is drawn as its low end (invisible) and its height on top of it. */
function band(one, colours, strength) {
  const shared = { type: "line", stack: one.name, stackStrategy: "all", symbol: "none", silent: true, z: 1 };
  const colour = colours.of(one.role);
  const height = one.high.map((high, i) => (high === null || one.low[i] === null ? null : high - one.low[i]));
  return [
    { ...shared, name: `${one.name} low`, data: one.low, lineStyle: { opacity: 0 } },
    {
      ...shared,
      name: one.name,
      data: height,
      lineStyle: { opacity: 0 },
      itemStyle: { color: colour, opacity: strength },
      areaStyle: { color: colour, opacity: strength },
    },
  ];
}

/** What the tooltip says for one label: every series' value, every band's low to high. */
const tellX = ({ x, series, bands = [], unit }) =>
  x.map((label, i) => {
    const told = series
      .filter((one) => one.values[i] !== null && one.values[i] !== undefined)
      .map((one) => `${one.name}: ${number(one.values[i], unit)}`);
    const ranges = bands
      .filter((one) => one.low[i] !== null && one.low[i] !== undefined)
      .map((one) => `${one.name}: ${number(one.low[i])} to ${number(one.high[i], unit)}`);
    return [label, ...told, ...ranges].join("\n");
  });

const tipX = (tell) => ({ trigger: "axis", formatter: (params) => tell[params[0].dataIndex] });

function line(data, colours, width) {
  const tell = tellX(data);
  const bands = data.bands ?? [];
  const drawn = data.series.map((one, i) => ({
    name: one.name,
    type: "line",
    symbol: "circle",
    symbolSize: one.points ? 8 : 5,
    showSymbol: Boolean(one.points),
    data: one.values,
    z: 3 + i,
    lineStyle: { ...(strokes[one.role] ?? strokes.history), color: colours.of(one.role), ...(one.points ? { width: 0 } : {}) },
    itemStyle: { color: colours.of(one.role) },
  }));
  if (drawn.length) drawn[0].markLine = marks(data, colours);
  const shades = bands.flatMap((one, i) => band(one, colours, i === 0 && bands.length > 1 ? 0.14 : 0.24));
  const option = {
    legend: legend(data.series, bands, colours),
    grid: grid(under([...data.series, ...bands], width)),
    xAxis: categories(data.x, colours, { boundaryGap: false }),
    yAxis: values(colours, { scale: true, ...unit(data) }),
    series: [...drawn, ...shades],
    tooltip: tipX(tell),
  };
  return { option, tell };
}

/** What bars are to reach: a dash over each (beside it when bars lie), no wider than the room that a bar has. */
function goal(one, colours, room, sideways) {
  const colour = colours.of(one.role);
  const dash = Math.round(Math.max(8, Math.min(44, room * 0.75)));
  return { name: one.name, type: "line", data: one.values, symbol: "rect", symbolSize: sideways ? [3, 20] : [dash, 3], lineStyle: { width: 0 }, itemStyle: { color: colour }, z: 5 };
}

function bars(data, colours, width, stack) {
  const tell = tellX(data);
  const labels = categories(data.x, colours, data.sideways ? { inverse: true } : {});
  const room = (width - 90) / Math.max(data.x.length, 1);
  const series = data.series.map((one, i) => one.goal ? goal(one, colours, room, data.sideways) : ({
    name: one.name,
    type: "bar",
    stack: stack ? "all" : undefined,
    barMaxWidth: 36,
    data: one.values,
    itemStyle: { color: colours.of(one.role ?? `part-${i + 1}`), borderColor: colours.surface, borderWidth: stack ? 1 : 0 },
  }));
  if (series.length && !data.sideways) series[0].markLine = marks(data, colours);
  const several = data.series.length > 1;
  const option = {
    legend: several ? legend([], data.series, colours) : undefined,
    grid: grid(several ? under(data.series, width) : 28),
    xAxis: data.sideways ? values(colours, whole(data)) : labels,
    yAxis: data.sideways ? labels : values(colours, { ...unit(data), ...whole(data) }),
    series,
    tooltip: { ...tipX(tell), axisPointer: { type: "shadow" } },
  };
  return { option, tell };
}

function heat(data, colours, width) {
  const most = Math.max(...data.cells.map(([, , value]) => value ?? 0), 1);
  const limit = data.limit ?? most;
  const tell = data.cells.map(([i, j, value]) => `${data.y[j]}, ${data.x[i]}: ${number(value, data.unit)}`);
  const label = ([i, j, value]) => ({
    value: [i, j, value],
    label: { color: value > limit * 0.7 ? colours.surface : colours.strong },
  });
  const option = {
    grid: grid(8),
    xAxis: categories(data.x, colours),
    yAxis: categories(data.y, colours, { inverse: true }),
    visualMap: {
      show: false,
      min: 0,
      max: Math.max(limit, most),
      range: [0, limit],
      inRange: { color: ["low", "mid", "high"].map((part) => colours.of(`heat-${part}`)) },
      outOfRange: { color: colours.of("heat-over") },
    },
    series: [{
      type: "heatmap",
      data: data.cells.map(label),
      itemStyle: { borderColor: colours.surface, borderWidth: 2 },
      label: { show: width / data.x.length > 36, fontSize: 11, formatter: ({ value }) => `${show(value[2])}${value[2] > limit ? " ▲" : ""}` },
    }],
    tooltip: { formatter: ({ dataIndex }) => tell[dataIndex] },
  };
  return { option, tell };
}

function scatter(data, colours, width) {
  const tell = data.points.map((one) =>
    [one.name, `${data.label_x}: ${number(one.x, data.unit_x)}`, `${data.label_y}: ${number(one.y, data.unit_y)}`].join("\n"));
  const axis = (name, place) => values(colours, { name, nameLocation: "middle", nameGap: place, scale: true });
  const option = {
    grid: { ...grid(20), bottom: 26, left: 30 },
    xAxis: axis(data.label_x, 28),
    yAxis: axis(data.label_y, 44),
    series: [{
      type: "scatter",
      symbolSize: 9,
      data: data.points.map((one) => ({ value: [one.x, one.y], itemStyle: { color: colours.of(one.role ?? "statistical"), opacity: 0.75 } })),
    }],
    tooltip: { formatter: ({ dataIndex }) => tell[dataIndex] },
  };
  return { option, tell };
}

/** From where to where each step of a waterfall goes; a total starts at zero. */
function fall(steps) {
  let level = 0;
  return steps.map((step) => {
    const from = step.total ? 0 : level;
    level = step.total ? step.value : level + step.value;
    return [from, level];
  });
}

/** Where the axis of a waterfall begins: above zero where its steps would else be hairlines. */
function foot(spans) {
  const levels = spans.flat().filter((level) => level !== 0);
  const low = Math.min(...levels);
  const high = Math.max(...levels);
  if (low <= 0 || high - low > 0.4 * high || high === low) return 0;
  const step = 10 ** Math.floor(Math.log10(high - low));
  return Math.max(0, Math.floor((low - (high - low) / 2) / step) * step);
}

/** Names in as many lines as they need; aslant where a word of theirs is wider than its room. */
const fitted = (steps, room) => {
  const longest = Math.max(...steps.flatMap(({ name }) => name.split(" ").map((word) => word.length)));
  return longest * 6.6 > room ? { rotate: 40 } : { width: room, overflow: "break" };
};

function waterfall(data, colours, width) {
  const spans = fall(data.steps);
  const floor = foot(spans);
  const signed = (step) => (step.total || step.value < 0 ? "" : "+") + number(step.value, data.unit);
  const role = (step) => step.role ?? (step.total ? "history" : step.value < 0 ? "down" : "up");
  const meanings = data.legend ?? [];
  const tell = data.steps.map((step) => {
    const meaning = meanings.find((one) => one.role === step.role);
    return [`${step.name}: ${signed(step)}`, ...(meaning ? [meaning.name] : [])].join("\n");
  });
  const render = (params, api) => {
    const i = params.dataIndex;
    const [x, top] = api.coord([i, Math.max(...spans[i])]);
    const bottom = api.coord([i, Math.max(Math.min(...spans[i]), floor)])[1];
    const wide = Math.min(api.size([1, 0])[0] * 0.6, 64);
    return {
      type: "rect",
      shape: { x: x - wide / 2, y: top, width: wide, height: Math.max(bottom - top, 1) },
      style: { fill: colours.of(role(data.steps[i])) },
      textContent: { style: { text: signed({ ...data.steps[i] }).replace(/ .*$/, ""), fill: colours.ink, fontFamily: colours.font, fontSize: 11 } },
      textConfig: { position: "top", distance: 4 },
    };
  };
  const above = meanings.length ? under(meanings, width) : 28;
  const option = {
    legend: meanings.length ? { ...legend([], meanings, colours), selectedMode: false } : undefined,
    grid: grid(above + (floor ? 16 : 0)),
    xAxis: categories(data.steps.map((step) => step.name), colours, { axisLabel: { color: colours.ink, interval: 0, ...fitted(data.steps, width / data.steps.length - 8) } }),
    yAxis: values(colours, floor ? { min: floor, name: `begins at ${short(floor)}, not 0`, nameGap: 12, nameTextStyle: { align: "left" } } : {}),
    series: [
      { type: "custom", renderItem: render, data: spans.map((span, i) => [i, ...span]), encode: { x: 0, y: [1, 2] } },
      ...meanings.map((one) => ({ type: "bar", name: one.name, data: [], itemStyle: { color: colours.of(one.role) } })), // the legend's patches
    ],
    tooltip: { formatter: ({ dataIndex }) => tell[dataIndex] },
  };
  return { option, tell };
}

function histogram(data, colours, width) {
  const labels = data.bins.map((bin) => `${short(bin.from)}–${short(bin.to)}`);
  const tell = data.bins.map((bin) => `${number(bin.from)} to ${number(bin.to, data.unit)}: ${number(bin.count)}`);
  const at = data.bins.findIndex((bin) => data.mark >= bin.from && data.mark < bin.to);
  const option = {
    grid: grid(24),
    xAxis: categories(labels, colours, { name: data.unit }),
    yAxis: values(colours, { minInterval: 1 }),
    series: [{
      type: "bar",
      barCategoryGap: "4%",
      data: data.bins.map((bin) => bin.count),
      itemStyle: { color: colours.of("statistical") },
      markLine: marks({ x: labels, marks: at < 0 ? [] : [{ x: labels[at], text: show(data.mark) }] }, colours),
    }],
    tooltip: { trigger: "axis", formatter: (params) => tell[params[0].dataIndex] },
  };
  return { option, tell };
}

export const kinds = {
  line,
  stacked: (data, colours, width) => bars(data, colours, width, true),
  bars: (data, colours, width) => bars(data, colours, width, false),
  heat,
  scatter,
  waterfall,
  histogram,
};
