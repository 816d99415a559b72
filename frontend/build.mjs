// Builds static/vendor/: a few named files, so that a strict content security policy needs only 'self'.
import { build } from "esbuild";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { atlas } from "./atlas.mjs";
import { icons } from "./icons.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const vendor = join(here, "..", "static", "vendor");
const { resolve } = createRequire(import.meta.url);

const common = {
  absWorkingDir: here,
  bundle: true,
  legalComments: "eof",
  loader: { ".woff2": "file" },
  assetNames: "[name]",
  logLevel: "warning",
  minify: true,
  outdir: vendor,
  target: ["es2022", "chrome111", "firefox115", "safari16.4"],
};

/** One `<symbol>` for each icon; pages show it with `<use href="icons.svg#name">`. */
async function sprite() {
  const symbols = await Promise.all(Object.entries(icons).map(symbol));
  const svg = `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`;
  await writeFile(join(vendor, "icons.svg"), svg);
}

async function symbol([name, source]) {
  const svg = await readFile(resolve(`@tabler/icons/outline/${source}.svg`), "utf8");
  const inside = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>"));
  const drawing = inside.replace(/\s+/g, " ").replace(/<path stroke="none"[^>]*\/>/g, "").trim();
  return `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round">${drawing}</symbol>`;
}

const files = {
  scripts: { "htmx.min": "htmx.org/dist/htmx.js", "alpine.min": "./alpine.mjs" },
  modules: { "echarts.min": "./echarts.mjs", "tabulator.min": "./tabulator.mjs" },
  styles: {
    "tabler.min": "@tabler/core/dist/css/tabler.css",
    "tabulator.min": "tabulator-tables/dist/css/tabulator_simple.css",
    fonts: "./fonts.css",
  },
};

await rm(vendor, { recursive: true, force: true });
await mkdir(vendor, { recursive: true });
await Promise.all([
  build({ ...common, entryPoints: { "alpine.min": files.scripts["alpine.min"] }, format: "iife" }),
  // htmx is one plain script that declares a global: minified as it is, not wrapped
  build({ ...common, entryPoints: { "htmx.min": resolve(files.scripts["htmx.min"]) }, bundle: false }),
  build({ ...common, entryPoints: files.modules, format: "esm" }),
  build({ ...common, entryPoints: files.styles }),
  sprite(),
  atlas().then((map) => writeFile(join(vendor, "atlas.json"), JSON.stringify(map))),
]);
