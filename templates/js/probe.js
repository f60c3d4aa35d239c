// The pixel under the pointer: its colour on either side, and how different they look.
import { byId, h } from "./dom.js";
import { pictureOf } from "./data.js";
import { camera, origin } from "./camera.js";
import { loadPixels } from "./pixels.js";

const stage = byId("stage");
const output = byId("probe");
const SIDES = ["baseline", "candidate"];

const LOADING = { find: () => undefined, loading: true };

let pair = null;
let pixels = null;
let images = {};
let pointed = null; // the last event of the pointer over the pictures

const toHex = ([r, g, b, a = 255]) =>
  `#${[r, g, b, ...(a < 255 ? [a] : [])].map((level) => level.toString(16).padStart(2, "0")).join("")}`;

// The place of the pointer, in pixels of what its pane shows.
function locate({ clientX, clientY }) {
  const pane = document.elementFromPoint(clientX, clientY)?.closest(".window");
  if (!pane) return undefined;
  const box = pane.getBoundingClientRect();
  const [left, top] = origin();
  const x = Math.floor((clientX - box.left - left) / camera.zoom);
  const y = Math.floor((clientY - box.top - top + Number(pane.dataset.shift)) / camera.zoom);
  const [width, height] = camera.scene;
  if (x < 0 || y < 0 || x >= width || y >= height) return undefined;
  const roles = [...pane.querySelectorAll(".sheet")].map((sheet) => sheet.dataset.role);
  return { x, y, side: roles.length === 2 && roles[0] === "baseline" ? "baseline" : "candidate" };
}

// Where the same stands on either side of an aligned page; nothing where rows were inserted or removed.
function placeOnBoth({ x, y, side }) {
  const places = { baseline: { x, y }, candidate: { x, y } };
  if (!pair.pieces) return places;
  const piece = pair.pieces.find(
    ([left, top, width, height, row]) =>
      x >= left && x < left + width && y >= (side === "baseline" ? top : row) && y < (side === "baseline" ? top : row) + height,
  );
  if (!piece) return { [side]: { x, y } };
  const [, top, , , row] = piece;
  if (side === "baseline") places.candidate.y = y - top + row;
  else places.baseline.y = y - row + top;
  return places;
}

function swatch(side, place) {
  const canvas = h("canvas.swatch", { width: 1, height: 1 });
  const image = images[side];
  if (!place || !image?.complete || place.x >= image.naturalWidth || place.y >= image.naturalHeight) return undefined;
  const context = canvas.getContext("2d");
  context.drawImage(image, place.x, place.y, 1, 1, 0, 0, 1, 1);
  let colour;
  try {
    colour = [...context.getImageData(0, 0, 1, 1).data];
  } catch {
    // Opened from a file: it can be shown, but not read.
  }
  return { canvas, colour };
}

function tellColour(side, place, known) {
  const found = swatch(side, place);
  if (!found) return [`${side}: nothing here`];
  const colour = known ?? found.colour;
  return [h("span.muted", {}, `${side} `), found.canvas, colour ? ` ${toHex(colour)}` : " (as shown)"];
}

function tellDifference(places, known) {
  if (!places.baseline || !places.candidate || (known && known.difference === undefined)) return "on one side only";
  if (!known && pixels.loading) return "";
  if (!known) return pixels.truncated ? "not recorded: too much differs" : "equal";
  if (known.state === "equal") return "equal";
  return `ΔE ${known.difference.toFixed(2)}, ${known.state}`;
}

function tell() {
  const place = pair && pointed && locate(pointed);
  if (!place) return output.replaceChildren();
  const places = pair.motion ? { [place.side]: place } : placeOnBoth(place);
  const known = places.candidate && pixels.find(places.candidate.x, places.candidate.y);
  const both = SIDES.filter((side) => pictureOf(pair, side)).map((side) =>
    h("span.probe-side", {}, tellColour(side, places[side], known?.[side === "baseline" ? "before" : "after"])),
  );
  const difference = both.length > 1 ? h("span", {}, tellDifference(places, known)) : "";
  output.replaceChildren(h("span", {}, `${place.x}, ${place.y}`), ...both, difference);
  return undefined;
}

function load(side) {
  const picture = pictureOf(pair, side);
  if (!picture) return undefined;
  images[side] = new Image();
  images[side].src = picture.url;
  return images[side].decode().catch(() => {}); // then there is nothing to be told of it
}

// Loaded when somebody points at something: until then a pair needs only what it shows.
async function prepare() {
  if (!pair || pixels) return;
  const asked = pair;
  pixels = LOADING;
  images = {};
  const [loaded] = await Promise.all([loadPixels(pair.pixels), ...SIDES.map(load)]);
  if (pair !== asked) return;
  pixels = loaded;
  tell();
}

export function probe(next) {
  pair = next;
  pixels = null;
  images = {};
  output.replaceChildren();
}

function point(event) {
  pointed = event;
  prepare();
  tell();
}

export function startProbe() {
  stage.addEventListener("pointermove", point);
  stage.addEventListener("pointerdown", point);
  stage.addEventListener("pointerleave", ({ pointerType }) => {
    if (pointerType === "touch") return; // a finger covers what it asks for, and then lifts
    pointed = null;
    tell();
  });
}
