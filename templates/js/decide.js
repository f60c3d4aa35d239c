// Buttons to accept and reject, in the list and beside the pictures.
import { canMark, pairs } from "./data.js";
import { h, press } from "./dom.js";
import { mark, markOf, markRest, onMark, refusalOf, wordsOf } from "./marks.js";

const KEYS = { accept: "a", reject: "r" };

function dress(button, decision, pressed) {
  const { label, title } = wordsOf(decision, pressed);
  press(button, pressed);
  if (button.textContent !== label) button.textContent = label;
  button.title = `${title} (${KEYS[decision]})`;
}

function buildButton(pair, decision) {
  const button = h("button.decision", { type: "button", "data-decision": decision, "data-mark": pair.id, onclick: () => mark([pair], decision) });
  dress(button, decision, markOf(pair) === decision);
  return button;
}

export function buildDecision(pair) {
  if (!canMark(pair)) return "";
  const buttons = Object.keys(KEYS).map((decision) => buildButton(pair, decision));
  return h("div.segmented.decisions", { role: "group", "aria-label": `Decide on ${pair.name}` }, buttons);
}

// Where a server decides, the place for why it refused.
export function buildRefusal(pair) {
  const refusal = refusalOf(pair);
  return refusal === undefined || !canMark(pair) ? "" : h("p.refusal", { "data-refusal": pair.id }, refusal);
}

// Accepts or rejects what is still open among pairs; `which` says in words which these are.
export const buildDecideAll = (some, which) =>
  h(
    "div.decide-all",
    {},
    h("button.button", { type: "button", onclick: () => markRest(some, "accept") }, `Accept ${which}`),
    h("button.button", { type: "button", onclick: () => markRest(some, "reject") }, `Reject ${which}`),
  );

const decided = (decision) => pairs.filter((pair) => markOf(pair) === decision).length;

export const countMarks = () => ({
  accepted: decided("accept"),
  rejected: decided("reject"),
  open: pairs.filter((pair) => canMark(pair) && !markOf(pair)).length,
});

function show() {
  for (const button of document.querySelectorAll("[data-mark]")) {
    const { mark: id, decision } = button.dataset;
    dress(button, decision, markOf({ id }) === decision);
  }
  for (const line of document.querySelectorAll("[data-refusal]")) line.textContent = refusalOf({ id: line.dataset.refusal });
}

export function startDecide() {
  onMark(show);
}
