// Draws <div data-map data-source="json-script-id" data-atlas="…/atlas.json">: accounts as points, bases as stars, regions
// shaded where accounts have no place. Choosing a point sends "map:choose" (detail.account) from the element;
// unless a page prevents that, the account's row is shown, or its page opened.
import { show } from "./numbers.js";
import { palette } from "./palette.js";
import { announce, readJson, whenPresent } from "./ready.js";

const shapes = ["circle", "rect", "triangle", "diamond"]; // as in territories.css, and as many
const colours = 8;
const star = "path://M50 2 62 37 99 37 69 59 80 95 50 73 20 95 31 59 1 37 38 37z";
const padlock = "path://M30 45V30a20 20 0 0 1 40 0v15h8v45H22V45zM40 45h20V30a10 10 0 0 0-20 0z";
const maps = new Map(); // element → {chart, data, at}
let atlas = null;

const load = (address) => (atlas ??= fetch(address).then((answer) => {
  if (!answer.ok) throw new Error(`The atlas answered ${answer.status}.`);
  return answer.json();
}));

async function mount(place) {
  try {
    const [{ init, registerMap }, world] = await Promise.all([import("../vendor/echarts.min.js"), load(place.dataset.atlas)]);
    registerMap("atlas", world);
    const shown = { place, data: readJson(place.dataset.source), chart: init(place, null, { renderer: "canvas" }), at: -1 };
    maps.set(place, shown);
    draw(shown);
    sizes.observe(place);
    if (place.dataset.mapKeep !== undefined) keepView(shown);
    shown.chart.on("click", { componentType: "series" }, ({ data }) => data.point !== undefined && choose(shown, data.point));
    place.addEventListener("keydown", (event) => walk(shown, event));
  } catch (error) {
    place.hidden = true; // the table says the same
    announce("The map could not be drawn; the table below holds the same.");
    throw error;
  }
}

const sizes = new ResizeObserver((entries) => entries.forEach(({ target }) => maps.get(target)?.chart.resize()));

const role = (data, group) => (group === null || group === data.nobody ? "map-none" : `map-${(group % colours) + 1}`);
const shape = (group) => shapes[Math.floor((group ?? 0) / colours) % shapes.length];

/** What is said of an account, in the tooltip and aloud. */
function tell(data, point) {
  const worth = data.potential[point];
  return [
    data.name[point],
    data.groups[data.group[point]],
    ...(worth === null ? [] : [`Potential ${show(Math.round(worth))} ${data.currency} a year`]),
    ...(data.words?.[point] ? [data.words[point]] : []),
    ...(data.approximate[point] ? ["Only its country is known"] : []),
  ].join("\n");
}

/** The corners of what is shown, with a margin; the whole world where there is nothing. */
function corners({ place, bases }) {
  const all = [...place, ...bases.map((base) => [base.longitude, base.latitude])];
  if (!all.length) return undefined;
  const span = (axis) => {
    const values = all.map((one) => one[axis]);
    const [low, high] = values.reduce(([a, b], value) => [Math.min(a, value), Math.max(b, value)], [Infinity, -Infinity]);
    const margin = Math.max(1, (high - low) * 0.08);
    return [low - margin, high + margin];
  };
  const [[west, east], [south, north]] = [span(0), span(1)];
  return [[west, north], [east, south]];
}

/** How a point differs from the others of its group: approximate ones are hollow, moving ones outlined. */
function own(data, point, colour) {
  const style = {
    ...(data.approximate[point] ? { color: "transparent", borderColor: colour.of(role(data, data.group[point])), borderWidth: 2 } : {}),
    ...(data.moves?.[point] ? { borderColor: colour.strong, borderWidth: 2.5 } : {}),
  };
  return Object.keys(style).length ? { itemStyle: style } : {};
}

const size = (data) => (data.place.length > 1500 ? 6 : 9);

/** How far each symbol stands from its place, in pixels: those that lie on each other stand around it. The closer one
    looks, the nearer they come to their places, but for accounts of exactly the same place. */
function apart(data, zoom) {
  const counts = new Map();
  data.place.forEach((place) => counts.set(String(place), (counts.get(String(place)) ?? 0) + 1));
  return data.offset.map((offset, point) => {
    const step = size(data) / (counts.get(String(data.place[point])) > 1 ? 1 : Math.sqrt(Math.max(zoom, 1)));
    return offset.map((one) => one * step);
  });
}

/** A series for each territory or rep. */
function series(data, colour, offset) {
  const rows = data.groups.map(() => []);
  data.place.forEach((value, point) =>
    rows[data.group[point]].push({ value, point, symbolOffset: offset[point], ...own(data, point, colour) }));
  return rows.map((points, group) => ({
    type: "scatter",
    coordinateSystem: "geo",
    name: data.groups[group],
    symbol: shape(group),
    symbolSize: size(data),
    data: points,
    itemStyle: { color: colour.of(role(data, group)), borderColor: colour.of("border"), borderWidth: 1, opacity: 0.9 },
    emphasis: { scale: 1.6 },
    z: 3,
  }));
}

const stars = (data, colour) => ({
  type: "scatter",
  coordinateSystem: "geo",
  symbol: star,
  symbolSize: 20,
  z: 5,
  data: data.bases.map((base) => ({
    value: [base.longitude, base.latitude],
    base: base.rep,
    itemStyle: { color: colour.of(role(data, base.group)), borderColor: colour.strong, borderWidth: 1.5 },
  })),
});

/** A padlock above every locked account. */
const locks = (data, colour, offset) => ({
  type: "scatter",
  coordinateSystem: "geo",
  symbol: padlock,
  symbolSize: 12,
  silent: true,
  z: 4,
  itemStyle: { color: colour.strong, borderColor: colour.surface, borderWidth: 1 },
  data: data.place.flatMap((value, point) =>
    (data.locked?.[point] ? [{ value, symbolOffset: [offset[point][0], offset[point][1] - 11] }] : [])),
});

/** Regions where accounts have no place, in the colour of whoever has most of them. */
const shaded = (data, colour) => data.shades.flatMap(({ shapes: names, group }) => names.map((name) => ({
  name,
  itemStyle: { areaColor: colour.of(role(data, group)), opacity: 0.28 },
})));

function draw(shown) {
  const { data, chart } = shown;
  const colour = palette();
  const said = new Map(data.shades.flatMap(({ shapes: names, accounts, group }) =>
    names.map((name) => [name, `${accounts} account${accounts === 1 ? "" : "s"} without a place\nMost: ${data.groups[group]}`])));
  chart.setOption({
    animation: false,
    aria: { enabled: false }, // the element has its own description
    textStyle: { fontFamily: colour.font, color: colour.ink },
    geo: {
      map: "atlas",
      roam: "move",
      boundingCoords: corners(data),
      scaleLimit: { min: 0.2, max: 60 },
      itemStyle: { areaColor: colour.of("land"), borderColor: colour.of("border"), borderWidth: 0.8 },
      emphasis: { label: { show: false }, itemStyle: { areaColor: colour.of("land") } },
      select: { disabled: true },
      regions: shaded(data, colour),
      tooltip: { show: true, formatter: ({ name }) => (said.has(name) ? `${name}\n${said.get(name)}` : name) },
    },
    tooltip: {
      renderMode: "richText", // HTML tooltips need inline styles, which the policy refuses
      confine: true,
      backgroundColor: colour.surface,
      borderColor: colour.line,
      textStyle: { color: colour.strong, fontFamily: colour.font, fontSize: 12, lineHeight: 18 },
      formatter: ({ data: one, name }) => (one?.point !== undefined ? tell(data, one.point) : one?.base ? `Base of ${one.base}` : name),
    },
    series: layers(shown, colour, 1),
  }, { notMerge: true });
}

function layers({ data }, colour, zoom) {
  const offset = apart(data, zoom);
  return [...series(data, colour, offset), locks(data, colour, offset), stars(data, colour)];
}

/** The symbols come nearer to their places, or stand apart again. */
function moveSymbols(shown) {
  const [{ zoom }] = shown.chart.getOption().geo;
  shown.chart.setOption({ series: layers(shown, palette(), zoom ?? 1) });
}

/** Arrows go from account to account in the order of the table's names, Enter opens the one that is told. */
function walk(shown, event) {
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (event.key === "Enter" && shown.at >= 0) choose(shown, shown.at);
  else if (step) tip(shown, Math.max(0, Math.min(shown.data.place.length - 1, shown.at + step)));
  else return;
  event.preventDefault();
}

function tip(shown, point) {
  shown.at = point;
  const group = shown.data.group[point];
  const before = shown.data.group.slice(0, point).filter((one) => one === group).length;
  shown.chart.dispatchAction({ type: "showTip", seriesIndex: group, dataIndex: before });
  announce(tell(shown.data, point).replaceAll("\n", ", "));
}

function choose({ place, data }, point) {
  const account = data.account[point];
  const chosen = new CustomEvent("map:choose", { bubbles: true, cancelable: true, detail: { account } });
  if (!place.dispatchEvent(chosen)) return;
  const row = document.getElementById(`row-${account}`);
  if (!row) {
    if (data.account_url) window.location.assign(data.account_url.replace(/\/0\//, `/${account}/`));
    return;
  }
  document.querySelectorAll("tr.map-chosen").forEach((one) => one.classList.remove("map-chosen"));
  row.classList.add("map-chosen");
  row.querySelector("a")?.focus();
  row.scrollIntoView({ block: "center" });
}

/** The part of the map that one looks at stays while one goes from change to change on the same page. */
function keepView(shown) {
  const { chart } = shown;
  const name = `map ${window.location.pathname}`;
  const kept = JSON.parse(window.sessionStorage.getItem(name) ?? "null");
  if (kept) {
    chart.setOption({ geo: kept });
    moveSymbols(shown);
  }
  chart.on("georoam", () => {
    const [{ center, zoom }] = chart.getOption().geo;
    window.sessionStorage.setItem(name, JSON.stringify({ center, zoom }));
  });
}

/** Zooming about the middle of the drawing. */
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-map-zoom], [data-map-reset]");
  const shown = button && maps.get(button.closest("figure").querySelector("[data-map]"));
  if (!shown) return;
  if (button.dataset.mapReset !== undefined) {
    window.sessionStorage.removeItem(`map ${window.location.pathname}`);
    draw(shown);
  }
  else {
    const [originX, originY] = [shown.chart.getWidth() / 2, shown.chart.getHeight() / 2];
    shown.chart.dispatchAction({ type: "geoRoam", componentType: "geo", geoIndex: 0, zoom: Number(button.dataset.mapZoom), originX, originY });
    moveSymbols(shown);
  }
});

document.documentElement.addEventListener("themechange", () => maps.forEach(draw));
document.addEventListener("htmx:beforeCleanupElement", (event) => {
  for (const [place, { chart }] of maps) {
    if (!event.detail.elt.contains(place)) continue;
    sizes.unobserve(place);
    chart.dispose();
    maps.delete(place);
  }
});

whenPresent("[data-map]", mount);
