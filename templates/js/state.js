// What is shown, all of it in the address: a link opens the same pair, view, region and filters.

const DEFAULTS = { pair: "", mode: "", region: "", status: "", kind: "", change: "", sort: "", q: "" };
// Browsers complain of an address that changes with every keystroke.
const WRITE_DELAY = 200;

export function readAddress(hash) {
  const told = new URLSearchParams(hash.slice(1));
  return Object.fromEntries(Object.entries(DEFAULTS).map(([key, value]) => [key, told.get(key) ?? value]));
}

function format(wanted) {
  const told = new URLSearchParams(Object.entries(wanted).filter(([, value]) => value !== ""));
  return `#${told}`;
}

let state = readAddress(location.hash);
let timer = 0;
const listeners = [];

export const current = () => state;
export const addressOf = (changes) => format({ ...state, ...changes });
export const onChange = (listener) => listeners.push(listener);

function write() {
  clearTimeout(timer);
  timer = 0;
  const hash = format(state);
  history.replaceState(history.state, "", hash === "#" ? location.pathname + location.search : hash);
}

function enter(next) {
  const previous = state;
  state = next;
  for (const listener of listeners) listener(state, previous);
}

export function change(changes) {
  enter({ ...state, ...changes });
  clearTimeout(timer);
  timer = setTimeout(write, WRITE_DELAY);
}

// As `change`, but the back button comes back to what was there before.
export function visit(changes) {
  if (timer) write();
  history.scrollRestoration = "manual"; // who comes back is led to what was seen last
  history.pushState({ visited: true }, "", addressOf(changes));
  enter({ ...state, ...changes });
}

// Undoes a visit, or leaves a place that a link led to.
export function leave(changes) {
  if (history.state?.visited) {
    clearTimeout(timer);
    timer = 0;
    history.back();
  } else change(changes);
}

export function startState() {
  window.addEventListener("popstate", () => {
    clearTimeout(timer);
    timer = 0;
    enter(readAddress(location.hash));
  });
  window.addEventListener("pagehide", () => timer && write());
  enter(state);
}
