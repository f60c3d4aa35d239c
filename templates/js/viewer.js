// The dialog that shows one pair: it follows the state, and its buttons change the state.
import { badge, byId, h, press } from "./dom.js";
import { pairById } from "./data.js";
import { change, leave } from "./state.js";
import { recall, remember } from "./choice.js";
import { actualSize, fit, fromMiddle, showPlace, zoomAt } from "./camera.js";
import { chooseMode, modesOf } from "./modes.js";
import { markCurrent, showPanes, startStage } from "./stage.js";
import { showMixing, startMixing, stopMixing } from "./mixing.js";
import { probe, startProbe } from "./probe.js";
import { startGestures } from "./gestures.js";
import { markRegion, showSide } from "./side.js";
import { buildDecision, buildRefusal } from "./decide.js";

const dialog = byId("viewer");
const ZOOM_STEP = 1.5;
const TITLE = document.title;
const LAYERS = [
  { id: "boxes", label: "Boxes", key: "b", isIn: ({ boxes = [] }) => boxes.length > 0 },
  { id: "rows", label: "Rows", key: "w", isIn: ({ boxes = [] }) => boxes.some(({ kind }) => kind.endsWith(" rows")) },
  { id: "masks", label: "Masks", key: "m", isIn: ({ pictures = [] }) => pictures.some(({ mask }) => mask) },
  { id: "ignored", label: "Ignored", key: "i", isIn: ({ ignored }) => Boolean(ignored) },
];

let shown = null; // { pair, mode, region }
let listed = [];

export const isOpen = () => dialog.open;
export const shownPair = () => shown?.pair;

// The pairs that the list has, unless a link led to one outside of it.
const siblings = () => (listed.includes(shown.pair) ? listed : [shown.pair]);

export function stepPair(by) {
  const all = siblings();
  const next = all.at((all.indexOf(shown.pair) + by) % all.length);
  change({ pair: next.id, region: "" });
}

export function stepRegion(by) {
  const boxes = shown.pair.boxes ?? [];
  if (!boxes.length) return;
  const place = boxes.findIndex((box) => String(box.number) === shown.region);
  const next = place < 0 ? boxes.at(by > 0 ? 0 : -1) : boxes.at((place + by) % boxes.length);
  change({ region: String(next.number) });
}

export function chooseModeAt(place) {
  const mode = modesOf(shown.pair)[place];
  if (mode) setMode(mode.id);
}

function setMode(mode) {
  remember("mode", mode);
  change({ mode });
}

// Around the region that is looked at, if there is one in view.
export function zoom(steps) {
  const box = (shown.pair.boxes ?? []).find((each) => String(each.number) === shown.region);
  zoomAt(ZOOM_STEP ** steps, ...fromMiddle(box?.candidate ?? box?.baseline));
}

export function toggleLayer(id) {
  const hidden = dialog.hasAttribute(`data-hide-${id}`);
  dialog.toggleAttribute(`data-hide-${id}`, !hidden);
  remember(`layer-${id}`, hidden);
  showLayers();
}

export const close = () => leave({ pair: "", mode: "", region: "" });

// The button that was pressed keeps the focus.
function replaceButtons(id, buttons) {
  const focused = [...byId(id).children].indexOf(document.activeElement);
  byId(id).replaceChildren(...buttons);
  buttons[focused]?.focus();
}

function showLayers() {
  const buttons = LAYERS.filter(({ isIn }) => isIn(shown.pair)).map(({ id, label, key }) => {
    const button = h("button", { type: "button", title: `${label} (${key})`, onclick: () => toggleLayer(id) }, label);
    press(button, !dialog.hasAttribute(`data-hide-${id}`));
    return button;
  });
  replaceButtons("layers", buttons);
  byId("layers").hidden = !buttons.length;
}

function showModes() {
  const possible = modesOf(shown.pair);
  const buttons = possible.map((mode, i) => {
    const button = h("button", { type: "button", title: `${mode.label} (${i + 1})`, "data-mode": mode.id, onclick: () => setMode(mode.id) }, mode.label);
    press(button, mode === shown.mode);
    return button;
  });
  replaceButtons("modes", buttons);
}

function showHead() {
  const all = siblings();
  byId("viewer-name").textContent = shown.pair.name;
  document.title = `${shown.pair.name} - ${TITLE}`;
  byId("viewer-badge").replaceChildren(badge(shown.pair.status));
  byId("viewer-decision").replaceChildren(buildDecision(shown.pair), buildRefusal(shown.pair));
  byId("position").textContent = `${all.indexOf(shown.pair) + 1} of ${all.length}`;
  byId("viewer-steps").hidden = all.length < 2;
}

function showRegion(number, { fly }) {
  const { pair, mode } = shown;
  shown.region = number;
  markCurrent(number);
  markRegion(number);
  const box = (pair.boxes ?? []).find((each) => String(each.number) === number);
  if (!box || !fly) return;
  const alone = mode.panes.length === 1 && mode.panes[0].join() === "baseline";
  showPlace((alone ? box.baseline : box.candidate) ?? box.candidate ?? box.baseline);
}

function open(pair, state) {
  const mode = chooseMode(pair, state.mode, recall("mode", "side"), "candidate");
  const samePair = shown?.pair === pair;
  if (!samePair || shown.mode !== mode) {
    shown = { pair, mode, region: samePair ? shown.region : "" };
    if (!dialog.open) dialog.showModal();
    showModes();
    showPanes(pair, mode, { keep: samePair });
    showMixing(mode);
    dialog.dataset.mode = mode.id;
  }
  if (samePair) return;
  showHead();
  showLayers();
  showSide(pair);
  probe(pair);
  byId("stage").focus({ preventScroll: true });
}

function shut() {
  stopMixing();
  shown = null;
  probe(null);
  byId("stage").replaceChildren();
  document.title = TITLE;
  if (dialog.open) dialog.close();
}

export function showViewer(state, previous, pairs) {
  listed = pairs.filter((pair) => pair.canOpen);
  const pair = pairById.get(state.pair);
  if (!pair?.canOpen) return shut();
  const before = shown?.pair;
  open(pair, state);
  // A page that is seen as a whole needs no flight to where it changed.
  const tall = before !== pair && !state.region && !sees(pair);
  const region = state.region || (tall && pair.boxes ? "1" : "");
  if (before !== pair || state.region !== previous.region) showRegion(region, { fly: Boolean(region) });
  else markCurrent(shown.region);
  return undefined;
}

const sees = (pair) => pair.size[1] * Number.parseFloat(byId("zoom-level").textContent) <= 100 * byId("stage").clientHeight;

export function startViewer() {
  // What was ignored is seldom what one looks for.
  for (const { id } of LAYERS) dialog.toggleAttribute(`data-hide-${id}`, !recall(`layer-${id}`, id !== "ignored"));
  byId("viewer-close").addEventListener("click", close);
  byId("previous").addEventListener("click", () => stepPair(-1));
  byId("next").addEventListener("click", () => stepPair(1));
  byId("zoom-in").addEventListener("click", () => zoom(1));
  byId("zoom-out").addEventListener("click", () => zoom(-1));
  byId("zoom-fit").addEventListener("click", fit);
  byId("zoom-actual").addEventListener("click", actualSize);
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    close();
  });
  startStage();
  startMixing();
  startProbe();
  startGestures(byId("stage"));
}
