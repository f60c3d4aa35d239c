// What the report is about, as the page brings it; everything that is empty was left out of it.
import { byId } from "./dom.js";

const told = JSON.parse(byId("data").textContent);

// File systems differ in how they compose accents; people who type do not care.
export const fold = (text) => text.normalize("NFC").toLowerCase();

const words = ({ name, test = "", reasons = [], boxes = [] }) =>
  fold([name, test, ...reasons, ...boxes.map((box) => box.description)].join("\n"));

// Of a report in a single file, the pictures are in the page too.
const files = new Map(told.files);

function takeFiles(holder, keys) {
  for (const key of keys) holder[key] = files.get(holder[key]) ?? holder[key];
}

export const pairs = told.entries;
for (const pair of pairs) {
  takeFiles(pair, ["ignored", "pixels"]);
  for (const picture of pair.pictures ?? []) takeFiles(picture, ["url", "thumbnail", "mask"]);
  pair.words = words(pair);
  pair.changes = new Set((pair.boxes ?? []).map((box) => box.change));
  pair.canOpen = (pair.pictures ?? []).some((picture) => picture.url);
}

export const run = told.run;
export const canMark = ({ status }) => status === "failed" || status === "new";
export const pairById = new Map(pairs.map((pair) => [pair.id, pair]));
export const legend = told.legend ?? [];

// Changes that several pairs share; those in the very same pairs are told together.
export const shared = told.shared ?? [];
export const sharedById = new Map(shared.map((change) => [change.id, change]));

export function bundleShared() {
  const bundles = new Map();
  for (const change of shared) {
    const key = change.pairs.join();
    if (!bundles.has(key)) bundles.set(key, []);
    bundles.get(key).push(change);
  }
  return [...bundles.values()];
}

export const pictureOf = (pair, role) => (pair.pictures ?? []).find((picture) => picture.role === role && picture.url);

export const kinds = [...new Set(pairs.flatMap((pair) => (pair.boxes ?? []).map((box) => box.kind)))].sort();
