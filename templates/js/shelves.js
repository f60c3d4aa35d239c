// A long list of which only what is near the screen is in the page: shelves of a few pairs each,
// filled when they come near and emptied when they are far, at the height that they had.
import { capitalise, h } from "./dom.js";
import { buildCard, buildRow } from "./cards.js";
import { canMark } from "./data.js";
import { buildDecideAll } from "./decide.js";

const CARDS = { build: buildCard, size: 6, height: 230 };
const ROWS = { build: buildRow, size: 40, height: 37 };
const NEAR = "1200px 0px";

const shelves = new Map(); // element → { pairs, kind }
const shelfOf = new Map(); // pair → element

function fill(shelf) {
  const { pairs, kind } = shelves.get(shelf);
  if (shelf.childElementCount) return;
  shelf.append(...pairs.map(kind.build));
  shelf.style.height = "";
}

function empty(shelf) {
  // What has the focus stays: a keyboard must not lose its place.
  if (!shelf.childElementCount || shelf.contains(document.activeElement)) return;
  const { kind, pairs } = shelves.get(shelf);
  const height = shelf.getBoundingClientRect().height;
  kind.height = height / pairs.length;
  shelf.style.height = `${height}px`;
  shelf.replaceChildren();
}

const observer = new IntersectionObserver(
  (seen) => {
    for (const { target, isIntersecting } of seen) if (shelves.has(target)) (isIntersecting ? fill : empty)(target);
  },
  { rootMargin: NEAR },
);

function buildShelf(pairs, kind) {
  const shelf = h("div.shelf");
  shelf.style.height = `${pairs.length * kind.height}px`;
  shelves.set(shelf, { pairs, kind });
  for (const pair of pairs) shelfOf.set(pair, shelf);
  return shelf;
}

function buildSection([status, pairs]) {
  const kind = status === "passed" ? ROWS : CARDS;
  const section = h("section.group", { "aria-labelledby": `group-${status}`, "data-status": status });
  const count = h("span", {}, pairs.length.toLocaleString("en"));
  const title = h("h2", { id: `group-${status}` }, capitalise(status), " ", count);
  const some = pairs.filter(canMark);
  section.append(h("div.group-head", {}, title, some.length > 1 && buildDecideAll(some, `all ${some.length.toLocaleString("en")}`)));
  for (let start = 0; start < pairs.length; start += kind.size) {
    section.append(buildShelf(pairs.slice(start, start + kind.size), kind));
  }
  return section;
}

export function showList(root, groups) {
  observer.disconnect();
  shelves.clear();
  shelfOf.clear();
  root.replaceChildren(...[...groups].map(buildSection));
  const [first] = shelves.keys();
  if (first) fill(first); // so that something is there at once
  watch();
}

export function watch() {
  for (const shelf of shelves.keys()) observer.observe(shelf);
}

// For paper, which has no more to come: pictures too are wanted at once.
export function fillAll() {
  observer.disconnect();
  for (const shelf of shelves.keys()) {
    fill(shelf);
    for (const image of shelf.querySelectorAll("img")) image.loading = "eager";
  }
}

// Brings a pair into the page and returns its element, if it is listed.
export function reveal(pair) {
  const shelf = shelfOf.get(pair);
  if (!shelf) return undefined;
  fill(shelf);
  return shelf.querySelector(`[data-id="${pair.id}"]`);
}
