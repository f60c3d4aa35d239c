// The bar that counts what was decided, and says what was refused.
import { byId, h } from "./dom.js";
import { pairs } from "./data.js";
import { countMarks } from "./decide.js";
import { canUndo, isWaiting, onMark, refresh, refusalOf, tellTrouble, undoMark } from "./marks.js";

const MOST_REFUSALS = 3;

function listRefusals(refused) {
  const lines = refused.slice(0, MOST_REFUSALS).map((pair) => h("li", {}, h("b", {}, pair.name), ` ${refusalOf(pair)}`));
  const rest = refused.length - lines.length;
  return rest > 0 ? [...lines, h("li", {}, `and ${rest} more, beside their pictures`)] : lines;
}

function show() {
  const { accepted, rejected, open } = countMarks();
  const refused = pairs.filter(refusalOf);
  byId("served").setAttribute("aria-busy", String(isWaiting()));
  byId("served-count").textContent = `${accepted} accepted, ${rejected} rejected, ${open} open`;
  byId("served-trouble").textContent = tellTrouble();
  byId("served-refusals").replaceChildren(...listRefusals(refused));
  byId("served-undo").disabled = !canUndo();
}

export function startBar() {
  onMark(show);
  byId("served-undo").addEventListener("click", undoMark);
  // Another tab may have decided, or somebody else's hands.
  document.addEventListener("visibilitychange", () => document.hidden || refresh());
  refresh();
}
