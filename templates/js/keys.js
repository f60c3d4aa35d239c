// Every key, and the sheet that lists them: one table is both.
import { byId, h } from "./dom.js";
import { pairById } from "./data.js";
import { actualSize, fit, pan } from "./camera.js";
import { step as stepBlink } from "./mixing.js";
import { chooseModeAt, isOpen, shownPair, stepPair, stepRegion, toggleLayer, zoom } from "./viewer.js";
import { mark, undoMark } from "./marks.js";
import { walk } from "./walk.js";

const PAN = 80;

const LIST = [
  { keys: ["j", "k"], told: "next, previous screenshot", run: (key) => walk(key === "j" ? 1 : -1) },
  { keys: ["Enter"], told: "open the screenshot" },
  { keys: ["a", "r"], told: "accept, reject", run: (key) => decide(pairWithFocus(), key) },
  { keys: ["u"], told: "undo the last decision", run: undoMark },
  { keys: ["/"], told: "search", run: () => byId("search").focus() },
  { keys: ["Esc"], told: "clear the search" },
];

const VIEWER = [
  { keys: ["j", "k"], told: "next, previous screenshot", run: (key) => stepPair(key === "j" ? 1 : -1) },
  { keys: ["a", "r"], told: "accept, reject", run: (key) => decide(shownPair(), key) },
  { keys: ["u"], told: "undo the last decision", run: undoMark },
  { keys: ["n", "p"], told: "next, previous region", run: (key) => stepRegion(key === "n" ? 1 : -1) },
  { keys: ["1", "2", "3", "4", "5", "6", "7"], shown: "1 … 7", told: "view: as its buttons stand", run: (key) => chooseModeAt(key - 1) },
  { keys: ["+", "=", "-"], shown: "+ −", told: "zoom", run: (key) => zoom(key === "-" ? -1 : 1) },
  { keys: ["f"], told: "fit the picture", run: fit },
  { keys: ["z"], told: "one pixel on one pixel", run: actualSize },
  { keys: ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"], shown: "← ↑ ↓ →", told: "move the pictures, with Shift further", run: move },
  { keys: ["b", "w", "m", "i"], told: "show or hide boxes, rows, masks, ignored pixels", run: (key) => toggleLayer({ b: "boxes", w: "rows", m: "masks", i: "ignored" }[key]) },
  { keys: [" "], shown: "Space", told: "blink once, by hand", run: stepBlink },
  { keys: ["Esc"], told: "back to the list" },
];

const MOUSE = [
  ["Wheel", "move, with Shift sideways, with Ctrl zoom"],
  ["Drag, pinch", "move, zoom"],
];

const decide = (pair, key) => pair && mark([pair], key === "a" ? "accept" : "reject");

const pairWithFocus = () => pairById.get(document.activeElement?.closest(".pair")?.dataset.id);

function move(key, { shiftKey }) {
  const by = shiftKey ? 5 * PAN : PAN;
  const [dx, dy] = { ArrowLeft: [by, 0], ArrowRight: [-by, 0], ArrowUp: [0, by], ArrowDown: [0, -by] }[key];
  pan(dx, dy);
}

// Letters belong to fields of text and to lists, arrows to sliders as well.
const typing = ({ target, key }) =>
  target.matches("input:not([type=range]), select, textarea") || (target.matches("input") && key.startsWith("Arrow"));

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || byId("help").open || typing(event)) return;
  if (event.key === "?") return openHelp();
  // The space bar also presses buttons, and arrows belong to who has them.
  if (event.key === " " && event.target.matches("button, summary")) return undefined;
  const found = (isOpen() ? VIEWER : LIST).find(({ keys, run }) => run && keys.includes(event.key));
  if (!found) return undefined;
  event.preventDefault();
  found.run(event.key, event);
  return undefined;
}

const keyCaps = ({ keys, shown }) => (shown ? [shown] : keys).map((key) => h("kbd", {}, key));

function sheet(title, lines) {
  const rows = lines.map(([keys, told]) => h("div", {}, h("dt", {}, keys), h("dd", {}, told)));
  return h("section", {}, h("h3", {}, title), h("dl", {}, rows));
}

function openHelp() {
  byId("help").showModal();
}

export function startKeys() {
  const lines = (table) => table.map((entry) => [keyCaps(entry), entry.told]);
  byId("help-keys").append(
    sheet("List", lines(LIST)),
    sheet("Pictures", [...lines(VIEWER), ...MOUSE.map(([keys, told]) => [h("kbd", {}, keys), told])]),
  );
  byId("help-open").addEventListener("click", openHelp);
  byId("viewer-help").addEventListener("click", openHelp);
  byId("help-close").addEventListener("click", () => byId("help").close());
  document.addEventListener("keydown", onKey);
}
