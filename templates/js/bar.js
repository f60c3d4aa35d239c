// The bar that counts what was decided, and hands it over as a command or as a file.
// `visualdiff review` has served_bar.js in its place.
import { byId, counted, h } from "./dom.js";
import { countMarks } from "./decide.js";
import { canUndo, onMark, undoMark, writeCommand, writeDecisions } from "./marks.js";

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
  const { accepted, rejected, open } = countMarks();
  byId("decide").hidden = !accepted && !rejected && !canUndo();
  byId("decide-count").textContent = `${counted(accepted, "accepted", "accepted")}, ${rejected} rejected, ${open} open`;
  byId("decide-command").value = accepted ? writeCommand() : "";
  byId("decide-copy").disabled = !accepted;
  byId("decide-undo").disabled = !canUndo();
}

export function startBar() {
  onMark(show);
  byId("decide-undo").addEventListener("click", undoMark);
  byId("decide-save").addEventListener("click", download);
  byId("decide-copy").addEventListener("click", copy);
  show();
}
