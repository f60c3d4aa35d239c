// The same change, told once: how many screenshots have it, and the way to them.
import { byId, counted, h } from "./dom.js";
import { bundleShared, pairById, pictureOf } from "./data.js";
import { addressOf } from "./state.js";

const MOST = 5;

function picture(bundle) {
  const [first] = bundle[0].pairs;
  const shown = pictureOf(pairById.get(first), "candidate");
  return shown ? h("img", { src: shown.thumbnail, alt: "", loading: "lazy", decoding: "async" }) : "";
}

function line(bundle, active) {
  const { id, pairs } = bundle[0];
  const chosen = bundle.some((change) => change.id === active);
  const title = `${counted(bundle.length, "change")} in ${counted(pairs.length, "screenshot")}`;
  const address = addressOf({ change: chosen ? "" : id });
  return h(
    "li.shared-change",
    { "data-chosen": chosen },
    picture(bundle),
    h(
      "div",
      {},
      h("h3", {}, h("a", { href: address, "data-change": chosen ? "" : id }, title), chosen && " · shown below"),
      h("ul", {}, bundle.slice(0, MOST).map((change) => h("li", {}, change.description))),
      bundle.length > MOST && h("p.more", {}, `and ${bundle.length - MOST} more`),
    ),
  );
}

export function showShared(active) {
  const bundles = bundleShared();
  if (!bundles.length) return;
  const chosen = bundles.findIndex((bundle) => bundle.some((change) => change.id === active));
  const lines = bundles.map((bundle) => line(bundle, active));
  const [few, rest] = [lines.slice(0, MOST), lines.slice(MOST)];
  byId("shared").replaceChildren(
    h(
      "section.group",
      { "aria-labelledby": "shared-title" },
      h("h2", { id: "shared-title" }, "The same change ", h("span", {}, String(bundles.length))),
      h("ul.shared-changes", {}, few),
      rest.length > 0 &&
        h("details", { open: chosen >= MOST }, h("summary", {}, `${rest.length} more`), h("ul.shared-changes", {}, rest)),
    ),
  );
}
