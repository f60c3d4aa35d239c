// Which pairs are listed, in which order.
import { fold, pairs } from "./data.js";

const ORDERS = {
  "": () => 0, // as they come: by changed area
  score: (a, b) => a.rank_score - b.rank_score,
  name: (a, b) => (a.name < b.name ? -1 : 1),
};

function fits(pair, { status, kind, change }, wanted) {
  return (
    (!status || pair.status === status) &&
    (!kind || (pair.boxes ?? []).some((box) => box.kind === kind)) &&
    (!change || pair.changes.has(change)) &&
    pair.words.includes(wanted)
  );
}

// Pairs come grouped by status, the most urgent first; each order keeps that.
export function select(state) {
  const wanted = fold(state.q.trim());
  const groups = new Map();
  for (const pair of pairs) {
    if (!fits(pair, state, wanted)) continue;
    if (!groups.has(pair.status)) groups.set(pair.status, []);
    groups.get(pair.status).push(pair);
  }
  if (state.sort in ORDERS && state.sort) for (const group of groups.values()) group.sort(ORDERS[state.sort]);
  return groups;
}
