// What a person decided about pairs: accept or reject, kept until the next run, and handed over as
// a file or as a command.
// `visualdiff review` has served_marks.js in its place.
import { canMark, pairs, run } from "./data.js";
import { recall, remember, watchChoice } from "./choice.js";

const DECISIONS_VERSION = 1;
// A command that is longer than this is a file's job.
const LONGEST_COMMAND = 2000;

const KEY = `marks-${run}`;
let marks = new Map(Object.entries(recall(KEY, {})));
const steps = [];
const listeners = [];

export const markOf = (pair) => marks.get(pair.id);
export const onMark = (listener) => listeners.push(listener);

function tell() {
  for (const listener of listeners) listener();
}

function put(next) {
  marks = next;
  remember(KEY, Object.fromEntries(marks));
  tell();
}

// What a step would take back is not all that there is any more.
watchChoice(KEY, () => {
  marks = new Map(Object.entries(recall(KEY, {})));
  steps.length = 0;
  tell();
});

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
export function markRest(some, decision) {
  const next = new Map(marks);
  for (const pair of some.filter(canMark)) if (!next.has(pair.id)) next.set(pair.id, decision);
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

// A page that was opened from a folder knows where that is: of a downloaded report, say.
function findResults() {
  if (location.protocol !== "file:" || location.host) return "";
  try {
    const path = decodeURIComponent(location.pathname).replace(/^\/(?=[a-z]:)/i, "");
    return ` --results ${quote(path.replace(/[^/]*$/, "results.json"))}`;
  } catch {
    return ""; // a name that is no UTF-8
  }
}

export function writeCommand() {
  const accepted = pairs.filter((pair) => markOf(pair) === "accept");
  const names = accepted.map(({ name }) => quote(name)).join(" ");
  const isPlain = names.length < LONGEST_COMMAND && accepted.every(({ name, test }) => !test && IS_PLAIN.test(name));
  return `visualdiff approve${findResults()} ${isPlain ? `--run ${run} ${names}` : "--decisions decisions.json"}`;
}
