// Buttons to accept and reject, and the bar that hands over what was decided.
import { byId, counted, h, press } from "./dom.js";
import { acceptRest, canMark, canUndo, countMarks, mark, markOf, onMark, undoMark, writeCommand, writeDecisions } from "./marks.js";

const DECISIONS = [
  { decision: "accept", label: "Accept", key: "a" },
  { decision: "reject", label: "Reject", key: "r" },
];

export function buildDecision(pair) {
  if (!canMark(pair)) return "";
  const buttons = DECISIONS.map(({ decision, label, key }) => {
    const button = h(
      "button.decision",
      { type: "button", "data-decision": decision, "data-mark": pair.id, title: `${label} (${key})`, onclick: () => mark([pair], decision) },
      label,
    );
    press(button, markOf(pair) === decision);
    return button;
  });
  return h("div.segmented.decisions", { role: "group", "aria-label": `Decide on ${pair.name}` }, buttons);
}

export const buildDecideAll = (some, label) =>
  h("button.button", { type: "button", onclick: () => acceptRest(some) }, label);

function download() {
  const address = URL.createObjectURL(new Blob([writeDecisions()], { type: "application/json" }));
  h("a", { href: address, download: "decisions.json" }).click();
  URL.revokeObjectURL(address);
}

// From a file, the clipboard may be out of reach; the command can be selected by hand then.
function copy() {
  const field = byId("decide-command");
  field.select();
  navigator.clipboard?.writeText(field.value).catch(() => document.execCommand("copy"));
}

function show() {
  for (const button of document.querySelectorAll("[data-mark]")) {
    press(button, markOf({ id: button.dataset.mark }) === button.dataset.decision);
  }
  const { accepted, rejected, open } = countMarks();
  byId("decide").hidden = !accepted && !rejected && !canUndo();
  byId("decide-count").textContent = `${counted(accepted, "accepted", "accepted")}, ${rejected} rejected, ${open} open`;
  byId("decide-command").value = accepted ? writeCommand() : "";
  byId("decide-undo").disabled = !canUndo();
}

export function startDecide() {
  onMark(show);
  byId("decide-undo").addEventListener("click", undoMark);
  byId("decide-save").addEventListener("click", download);
  byId("decide-copy").addEventListener("click", copy);
  show();
}
