// The map of the world: countries (Natural Earth by world-atlas), the United States by state (US Census
// by us-atlas), as the GeoJSON that ECharts draws, and where the middle of each lies.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { feature } from "topojson-client";

const { resolve } = createRequire(import.meta.url);
const USA = "United States of America";
const POLE = "Antarctica"; // runs around the pole: it cannot be drawn flat, and nobody sells there
const read = async (path) => JSON.parse(await readFile(resolve(path), "utf8"));
const rounded = (place) => (typeof place[0] === "number" ? place.map((one) => Math.round(one * 100) / 100) : place.map(rounded));

/** {world: every country, states: those of the United States}, each GeoJSON features with `name`. */
export async function features() {
  const [world, states] = await Promise.all([read("world-atlas/countries-50m.json"), read("us-atlas/states-10m.json")]);
  const countries = shapes(world, "countries").filter(({ properties }) => properties.name !== POLE);
  return { world: countries, states: shapes(states, "states") };
}

/** A ring that crosses the date line goes on beyond 180 degrees: the atlas joins there what a flat map would tear. */
function unbroken(ring) {
  let turn = 0;
  return ring.map(([x, y], i) => {
    const step = i ? x - ring[i - 1][0] : 0;
    turn += step > 180 ? -360 : step < -180 ? 360 : 0;
    return [x + turn, y];
  });
}

const flat = ({ type, coordinates }) => ({
  type,
  coordinates: rounded(type === "Polygon" ? coordinates.map(unbroken) : coordinates.map((part) => part.map(unbroken))),
});

const shapes = (topology, name) =>
  feature(topology, topology.objects[name]).features.map(({ id, properties, geometry }) => ({
    type: "Feature",
    id,
    properties: { name: properties.name },
    geometry: flat(geometry),
  }));

/** What the map is drawn from: the United States stand there by state. */
export async function atlas() {
  const { world, states } = await features();
  const others = world.filter(({ properties }) => properties.name !== USA);
  return { type: "FeatureCollection", features: [...others, ...states] };
}

/** Twice the area of a ring, and its centroid (shoelace formula), in degrees. */
function weighed(ring) {
  let [area, x, y] = [0, 0, 0];
  for (let i = 0; i + 1 < ring.length; i += 1) {
    const [[x0, y0], [x1, y1]] = [ring[i], ring[i + 1]];
    const part = x0 * y1 - x1 * y0;
    area += part;
    x += (x0 + x1) * part;
    y += (y0 + y1) * part;
  }
  return area ? { area: Math.abs(area), at: [x / (3 * area), y / (3 * area)] } : { area: 0, at: ring[0] };
}

/** The centroid of the largest part, as [latitude, longitude]: islands far away do not pull it out to sea. */
export function middle({ type, coordinates }) {
  const rings = type === "Polygon" ? [coordinates[0]] : coordinates.map(([outer]) => outer);
  const largest = rings.map(weighed).reduce((most, one) => (one.area > most.area ? one : most));
  return largest.at.reverse().map((one) => Math.round(one * 1000) / 1000);
}
