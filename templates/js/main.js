// The state changes, and everything that is seen follows it.
import { byId } from "./dom.js";
import { pairById } from "./data.js";
import { select } from "./listing.js";
import { fillAll, showList, watch } from "./shelves.js";
import { showShared } from "./shared.js";
import { showToolbar, startToolbar } from "./toolbar.js";
import { onChange, readAddress, startState, visit } from "./state.js";
import { showViewer, startViewer } from "./viewer.js";
import { startDecide } from "./decide.js";
import { startBar } from "./bar.js";
import { startKeys } from "./keys.js";
import { goTo, walkAmong } from "./walk.js";

const LISTING = ["status", "kind", "change", "sort", "q"];
let listed = null;

function follow(state, previous) {
  if (!listed || LISTING.some((key) => state[key] !== previous[key])) {
    const groups = select(state);
    listed = [...groups.values()].flat();
    showShared(state.change);
    showList(byId("list"), groups);
    walkAmong(listed);
    showToolbar(state, listed.length);
  }
  showViewer(state, previous, listed);
  // Who comes back from a pair finds its card.
  if (previous.pair && !state.pair) goTo(pairById.get(previous.pair));
}

// A link says where it leads, for another tab too; here nothing is loaded for it.
function onClick(event) {
  const link = event.target.closest("a[data-open], a[href^='#']");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  visit(readAddress(link.hash));
}

startToolbar();
startViewer();
startKeys();
startDecide();
startBar();
onChange(follow);
document.addEventListener("click", onClick);
window.addEventListener("beforeprint", fillAll);
window.addEventListener("afterprint", watch);
startState();
