// Beside the pictures, in words: why, where, how much.
import { byId, h, icon, svg, warningList } from "./dom.js";
import { legend } from "./data.js";
import { regionText, shareLink } from "./cards.js";
import { change } from "./state.js";

const BAR = { width: 100, height: 12 };

const facts = (pairs) => h("dl.facts", {}, pairs.map(([label, value]) => h("div", {}, h("dt", {}, label), h("dd", {}, value))));

function bar({ percent, threshold_percent: mark }) {
  return svg(
    "svg",
    { class: "channel-bar", height: BAR.height, "aria-hidden": "true" },
    svg("rect", { class: "track", y: 3, width: "100%", height: 6, rx: 3 }),
    svg("rect", { class: "fill", y: 3, width: `${percent}%`, height: 6, rx: 3 }),
    svg("rect", { class: "tick", x: `${mark}%`, width: 2, height: BAR.height }),
  );
}

function channel(told) {
  const failed = told.failed && [icon("failed"), h("span.visually-hidden", {}, "below the threshold: ")];
  return h(
    "li",
    { "data-channel": told.name, "data-failed": told.failed },
    h("span.channel-name", {}, told.name),
    bar(told),
    h("span.channel-score", {}, failed || "", told.score),
    told.note && h("small", {}, told.note),
  );
}

function region(box) {
  return h("li", {}, h("button.region-button", { type: "button", "data-region": box.number, onclick: () => change({ region: String(box.number) }) }, regionText(box)));
}

const section = (title, ...children) => h("section", {}, h("h3", {}, title), ...children);

function heat() {
  const steps = legend.map(([words, colour]) => {
    const patch = h("span.step");
    patch.style.background = colour;
    return h("li", {}, patch, words);
  });
  return h("section.legend", {}, h("h3", {}, "Colour difference ΔE"), h("ol", {}, steps));
}

export function showSide(pair) {
  const { reasons, boxes, channels, facts: told, warnings, note, margin } = pair;
  byId("viewer-side").replaceChildren(
    reasons ? h("ul.reasons", {}, reasons.map((reason) => h("li", {}, reason))) : h("p.reasons", {}, note ?? ""),
    margin ? h("p.margin", {}, margin) : "",
    ...[shareLink(pair)].flat(),
    boxes ? section(`Regions ${boxes.length}`, h("ol.regions", {}, boxes.map(region))) : "",
    legend.length ? heat() : "",
    channels ? section("Similarity by channel", h("ul.channels", {}, channels.map(channel))) : "",
    told ? facts(told) : "",
    warningList(warnings),
  );
}

export function markRegion(number) {
  for (const button of byId("viewer-side").querySelectorAll("[data-region]")) {
    const chosen = button.dataset.region === String(number);
    if (chosen) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
    if (chosen) button.scrollIntoView({ block: "nearest" });
  }
}
