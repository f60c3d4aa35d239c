// The same change, told once: how many screenshots have it, and the way to them.
import { byId, counted, h } from "./dom.js";
import { bundleShared, pairById, pictureOf } from "./data.js";
import { NONE } from "./cards.js";
import { buildDecideAll } from "./decide.js";
import { addressOf } from "./state.js";

const MOST = 5;

function picture(bundle) {
  const [first] = bundle[0].pairs;
  const shown = pictureOf(pairById.get(first), "candidate");
  return shown ? h("img", { src: shown.thumbnail, alt: "", loading: "lazy", decoding: "async", onerror: ({ target }) => target.remove() }) : "";
}

// Pairs in which nothing else has changed: of the others more would be accepted than this.
function onlyThese(bundle) {
  const ids = new Set(bundle.map((change) => change.id));
  const some = bundle[0].pairs.map((id) => pairById.get(id));
  return some.filter((pair) => [...pair.changes].every((id) => ids.has(id)));
}

function decideButtons(bundle) {
  const some = onlyThese(bundle);
  const all = some.length === bundle[0].pairs.length;
  return some.length ? buildDecideAll(some, all ? `in all ${some.length}` : `in ${some.length} with nothing else`) : "";
}

function line(bundle) {
  const title = `${counted(bundle.length, "change")} in ${counted(bundle[0].pairs.length, "screenshot")}`;
  return h(
    "li.shared-change",
    {},
    picture(bundle),
    h(
      "div",
      {},
      h("h3", {}, h("a", {}, title), h("span", {}, " · shown below")),
      h("ul", {}, bundle.slice(0, MOST).map((change) => h("li", {}, change.description))),
      bundle.length > MOST && h("p.more", {}, `and ${bundle.length - MOST} more`),
      decideButtons(bundle),
    ),
  );
}

const bundles = bundleShared();
const lines = bundles.map(line);

function build() {
  const [few, rest] = [lines.slice(0, MOST), lines.slice(MOST)];
  byId("shared").append(
    h(
      "section.group",
      { "aria-labelledby": "shared-title" },
      h("h2", { id: "shared-title" }, "The same change ", h("span", {}, String(bundles.length))),
      h("ul.shared-changes", {}, few),
      rest.length > 0 && h("details", {}, h("summary", {}, `${rest.length} more`), h("ul.shared-changes", {}, rest)),
    ),
  );
}

function mark(element, bundle, active) {
  const chosen = bundle.some(({ id }) => id === active);
  element.toggleAttribute("data-chosen", chosen);
  element.querySelector("a").href = addressOf(chosen ? { change: "" } : { ...NONE, change: bundle[0].id });
  element.querySelector("h3 span").hidden = !chosen;
  if (chosen) element.closest("details")?.setAttribute("open", "");
}

// The links stay, and with them the focus of who has chosen one.
export function showShared(active) {
  if (!lines.length) return;
  if (!byId("shared").childElementCount) build();
  lines.forEach((element, i) => mark(element, bundles[i], active));
}
