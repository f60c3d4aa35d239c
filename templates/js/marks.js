// What a person decided about pairs: accept or reject, kept until the next run, and handed over as
// a file or as a command.
// `visualdiff review` has served_marks.js in its place.
import { canMark, pairs, run } from "./data.js";
import { onStored, recall, remember } from "./choice.js";

const DECISIONS_VERSION = 1;
// A command that is longer than this is a file's job.
const LONGEST_COMMAND = 2000;

const KEY = `marks-${run}`;
let marks = new Map(Object.entries(recall(KEY, {})));
const steps = []; // of each the decisions before it, by pair
const listeners = [];

export const markOf = (pair) => marks.get(pair.id);
export const onMark = (listener) => listeners.push(listener);

function tell() {
  for (const listener of listeners) listener();
}

// The same report may be open twice: what was decided there stays.
function readStored() {
  const stored = recall(KEY, null);
  if (stored) marks = new Map(Object.entries(stored));
}

// Puts decisions, undefined for none, and returns those before.
function put(decisions) {
  readStored();
  const before = new Map();
  for (const [id, decision] of decisions) {
    before.set(id, marks.get(id));
    if (decision) marks.set(id, decision);
    else marks.delete(id);
  }
  remember(KEY, Object.fromEntries(marks));
  return before;
}

function decide(some, decision) {
  if (!some.length) return;
  steps.push(put(new Map(some.map(({ id }) => [id, decision]))));
  tell();
}

// The same decision again takes it back.
export function mark(some, decision) {
  const wanted = some.filter(canMark);
  decide(wanted, wanted.every((pair) => markOf(pair) === decision) ? undefined : decision);
}

// What was decided stays.
export const markRest = (some, decision) => decide(some.filter((pair) => canMark(pair) && !markOf(pair)), decision);

export function undoMark() {
  if (!steps.length) return;
  put(steps.pop());
  tell();
}

export const canUndo = () => steps.length > 0;

onStored(() => {
  readStored();
  tell();
});

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

// From a file, the command says which report is meant; it may have been downloaded.
function tellReport() {
  if (location.protocol !== "file:") return "";
  const path = decodeURIComponent(new URL("results.json", location.href).pathname);
  return ` --results ${quote(path.replace(/^\/(?=[A-Za-z]:)/, ""))}`;
}

export function writeCommand() {
  const accepted = pairs.filter((pair) => markOf(pair) === "accept");
  const names = accepted.map(({ name }) => quote(name)).join(" ");
  const isPlain = names.length < LONGEST_COMMAND && accepted.every(({ name, test }) => !test && IS_PLAIN.test(name));
  return `visualdiff approve${tellReport()} ${isPlain ? `--run ${run} ${names}` : "--decisions decisions.json"}`;
}
