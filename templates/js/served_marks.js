// What the server of `visualdiff review` knows of pairs. What is pressed is asked of it, one after the
// other; what is shown is what it answers.
import { canMark } from "./data.js";

const MARKS = { accepted: "accept", rejected: "reject" };
const LABELS = {
  accept: { open: "Accept", pressed: "Accepted: baseline written" },
  reject: { open: "Reject", pressed: "Rejected" },
};
const TITLES = {
  accept: { open: "Accept: write the baseline at once", pressed: "Take back: the old baseline again" },
  reject: { open: "Reject", pressed: "Take back" },
};

let known = { states: {}, refused: {}, can_undo: false };
let trouble = "";
let waiting = 0;
let queue = Promise.resolve();
const listeners = [];

export const markOf = ({ id }) => MARKS[known.states[id]];
export const refusalOf = ({ id }) => (known.refused[id] ? `Refused: ${known.refused[id]}` : "");
export const canUndo = () => known.can_undo;
export const isWaiting = () => waiting > 0;
export const tellTrouble = () => trouble;
export const onMark = (listener) => listeners.push(listener);

export function wordsOf(decision, pressed) {
  const form = pressed ? "pressed" : "open";
  return { label: LABELS[decision][form], title: TITLES[decision][form] };
}

function tell() {
  for (const listener of listeners) listener();
}

async function fetchKnown(order) {
  const body = order && { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(order) };
  const answer = await fetch(order ? "act" : "state", body);
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
}

// The order is made when its turn comes: it may depend on the answer to the one before.
function ask(makeOrder) {
  waiting += 1;
  tell();
  queue = queue.then(async () => {
    try {
      const order = makeOrder?.();
      if (order !== null) known = await fetchKnown(order);
      trouble = "";
    } catch (error) {
      trouble = error instanceof TypeError ? "The server does not answer: the review was stopped." : error.message;
    }
    waiting -= 1;
    tell();
  });
}

const orderFor = (some, action) => (some.length ? { action, pairs: some.map(({ id }) => id) } : null);

// The same decision again takes it back.
export function mark(some, decision) {
  const wanted = some.filter(canMark);
  ask(() => orderFor(wanted, wanted.every((pair) => markOf(pair) === decision) ? "take back" : decision));
}

// What was decided stays.
export const markRest = (some, decision) => ask(() => orderFor(some.filter((pair) => canMark(pair) && !markOf(pair)), decision));

export const undoMark = () => ask(() => (canUndo() ? { action: "undo" } : null));

export const refresh = () => ask();
