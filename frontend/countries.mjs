// Writes territories/engine/countries.json: names, codes and the middle of countries and of the states
// of the United States, for accounts that have a country and no place. `npm run countries` makes it anew.
import { writeFile } from "node:fs/promises";
import { features, middle } from "./atlas.mjs";

const target = new URL("../territories/engine/countries.json", import.meta.url);
const names = new Intl.DisplayNames(["en"], { type: "region" });
const letters = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replaceAll("&", "and").replaceAll("’", "'");

// where the atlas abbreviates or names otherwise than CLDR
const OURS = {
  AG: "Antigua and Barb.", AX: "Åland", BA: "Bosnia and Herz.", BL: "St-Barthélemy", CD: "Dem. Rep. Congo",
  CF: "Central African Rep.", CG: "Congo", CI: "Côte d'Ivoire", CK: "Cook Is.", CZ: "Czechia", DO: "Dominican Rep.",
  EH: "W. Sahara", FK: "Falkland Is.", FO: "Faeroe Is.", GQ: "Eq. Guinea", GS: "S. Geo. and the Is.", HK: "Hong Kong",
  HM: "Heard I. and McDonald Is.", IO: "Br. Indian Ocean Ter.", KN: "St. Kitts and Nevis", KY: "Cayman Is.", LC: "Saint Lucia",
  MF: "St-Martin", MH: "Marshall Is.", MK: "Macedonia", MM: "Myanmar", MO: "Macao", MP: "N. Mariana Is.", NF: "Norfolk Island",
  PF: "Fr. Polynesia", PM: "St. Pierre and Miquelon", PN: "Pitcairn Is.", PS: "Palestine", SB: "Solomon Is.", SH: "Saint Helena",
  SS: "S. Sudan", ST: "São Tomé and Principe", SX: "Sint Maarten", SZ: "eSwatini", TC: "Turks and Caicos Is.",
  TF: "Fr. S. Antarctic Lands", TR: "Turkey", US: "United States of America", VC: "St. Vin. and Gren.", VG: "British Virgin Is.",
  VI: "U.S. Virgin Is.", VA: "Vatican", WF: "Wallis and Futuna Is.", CV: "Cabo Verde", TL: "Timor-Leste",
};
const MORE = { US: ["USA", "United States"], GB: ["UK", "Great Britain"], CZ: ["Czech Republic"], KR: ["Korea"] };

// the postal codes of the states, by their number in the census
const POSTAL = Object.fromEntries(
  ("01AL 02AK 04AZ 05AR 06CA 08CO 09CT 10DE 11DC 12FL 13GA 15HI 16ID 17IL 18IN 19IA 20KS 21KY 22LA 23ME 24MD 25MA " +
    "26MI 27MN 28MS 29MO 30MT 31NE 32NV 33NH 34NJ 35NM 36NY 37NC 38ND 39OH 40OK 41OR 42PA 44RI 45SC 46SD 47TN 48TX " +
    "49UT 50VT 51VA 53WA 54WV 55WI 56WY 60AS 66GU 69MP 72PR 78VI")
    .split(" ").map((one) => [one.slice(0, 2), one.slice(2)]),
);

const { world, states } = await features();
const there = new Map(world.map((one) => [plain(one.properties.name), one]));
const aliases = new Map(world.map((one) => [one, new Set([one.properties.name])]));
for (const code of letters.flatMap((a) => letters.map((b) => a + b))) {
  const name = names.of(code);
  const found = there.get(plain(OURS[code] ?? name));
  if (name !== code && found) for (const one of [code, name, ...(MORE[code] ?? [])]) aliases.get(found).add(one);
}
const row = (one, also) => {
  const [latitude, longitude] = middle(one.geometry);
  return { name: one.properties.name, also: [...also].filter((name) => name !== one.properties.name).sort(), latitude, longitude };
};
const byName = (a, b) => (a.name < b.name ? -1 : 1);
const countries = world.map((one) => row(one, aliases.get(one))).sort(byName);
const usa = states.map((one) => row(one, [POSTAL[one.id]].filter(Boolean))).sort(byName);
const lines = (rows) => rows.map((one) => `    ${JSON.stringify(one)}`).join(",\n");
await writeFile(target, `{\n  "countries": [\n${lines(countries)}\n  ],\n  "states": [\n${lines(usa)}\n  ]\n}\n`);
