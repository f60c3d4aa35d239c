// What a person decided about pairs: accept or reject, kept until the next run, and handed over as
// a file or as a command.
// `visualdiff review` has served_marks.js in its place.
import { canMark, pairs, run } from "./data.js";
import { recall, remember } from "./choice.js";

const DECISIONS_VERSION = 1;
// A command that is longer than this is a file's job.
const LONGEST_COMMAND = 2000;

const KEY = `marks-${run}`;
let marks = new Map(Object.entries(recall(KEY, {})));
const steps = [];
const listeners = [];

export const markOf = (pair) => marks.get(pair.id);
export const onMark = (listener) => listeners.push(listener);

function put(next) {
  marks = next;
  remember(KEY, Object.fromEntries(marks));
  for (const listener of listeners) listener();
}

// The same decision again takes it back.
export function mark(some, decision) {
  const wanted = some.filter(canMark);
  if (!wanted.length) return;
  const again = wanted.every((pair) => markOf(pair) === decision);
  const next = new Map(marks);
  for (const pair of wanted) {
    if (again) next.delete(pair.id);
    else next.set(pair.id, decision);
  }
  steps.push(marks);
  put(next);
}

// What was decided stays.
export function acceptRest(some) {
  const next = new Map(marks);
  for (const pair of some.filter(canMark)) if (!next.has(pair.id)) next.set(pair.id, "accept");
  if (next.size === marks.size) return;
  steps.push(marks);
  put(next);
}

export function undoMark() {
  if (steps.length) put(steps.pop());
}

export const canUndo = () => steps.length > 0;

const LABELS = { accept: "Accept", reject: "Reject" };
export const wordsOf = (decision) => ({ label: LABELS[decision], title: LABELS[decision] });
// Nothing is refused before the command is run.
export const refusalOf = () => undefined;

const describe = (pair) => ({
  name: pair.name,
  test: pair.test ?? "",
  decision: markOf(pair),
  candidate: pair.hash ?? "",
});

export function writeDecisions() {
  const told = pairs.filter(markOf).map(describe);
  return `${JSON.stringify({ decisions_version: DECISIONS_VERSION, run, decisions: told }, null, 1)}\n`;
}

// A name that could be taken for a pattern, and so for others, is a file's job too.
const IS_PLAIN = /^[^-*?[\]{}!()|\\][^*?[\]{}!()|\\]*$/;

const quote = (text) => (/^[\w./@%+=:,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

export function writeCommand() {
  const accepted = pairs.filter((pair) => markOf(pair) === "accept");
  const names = accepted.map(({ name }) => quote(name)).join(" ");
  const isPlain = names.length < LONGEST_COMMAND && accepted.every(({ name, test }) => !test && IS_PLAIN.test(name));
  return `visualdiff approve ${isPlain ? `--run ${run} ${names}` : "--decisions decisions.json"}`;
}
