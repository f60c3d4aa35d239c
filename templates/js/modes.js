// The ways to look at a pair: which pictures stand side by side in panes, or over one another.
import { pictureOf } from "./data.js";

export const MODES = [
  { id: "side", label: "Side by side", panes: [["baseline"], ["candidate"]] },
  { id: "swipe", label: "Swipe", panes: [["candidate", "baseline"]], mix: { label: "Divider", value: 50, unit: "%" } },
  { id: "onion", label: "Onion skin", panes: [["baseline", "candidate"]], mix: { label: "Candidate", value: 50, unit: "%" } },
  { id: "blink", label: "Blink", panes: [["candidate", "baseline"]], mix: { label: "Every", value: 35, unit: "s" } },
  { id: "diff", label: "Difference", panes: [["diff"]] },
  { id: "baseline", label: "Baseline", panes: [["baseline"]] },
  { id: "candidate", label: "Candidate", panes: [["candidate"]] },
];

const isPossible = (pair, { panes }) => panes.flat().every((role) => pictureOf(pair, role));

export const modesOf = (pair) => MODES.filter((mode) => isPossible(pair, mode));

// The mode that is asked for or, where a pair lacks one of its pictures, one that it can be shown in.
export function chooseMode(pair, ...wanted) {
  const possible = modesOf(pair);
  for (const id of wanted) {
    const found = possible.find((mode) => mode.id === id);
    if (found) return found;
  }
  return possible[0];
}
