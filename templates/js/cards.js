// One pair in the list: a card if it did not pass, else a row.
import { badge, counted, h, icon, warningList } from "./dom.js";
import { sharedById } from "./data.js";
import { buildDecision, buildRefusal } from "./decide.js";
import { addressOf } from "./state.js";

const MOST_REGIONS = 5;
// Of a change, all pairs are to be seen.
export const NONE = { pair: "", mode: "", region: "", status: "", kind: "", q: "" };

const linkTo = (pair, mode = "") => addressOf({ pair: pair.id, mode, region: "" });

const nameOf = (pair) =>
  pair.canOpen
    ? h("a.permalink", { href: linkTo(pair), "data-open": pair.id }, pair.name)
    : h("span", {}, pair.name);

export const describeBoxes = (boxes) => boxes.map((box) => `${box.number} ${box.description}`).join("; ");

function altOf(pair, picture) {
  const told = picture.role === "diff" && pair.boxes ? `: ${describeBoxes(pair.boxes.slice(0, MOST_REGIONS))}` : "";
  return `${picture.label} of ${pair.name}${told}`;
}

function tile(pair, picture) {
  if (!picture.url) return h("p.tile-empty", {}, picture.note);
  const mode = picture.role === "diff" ? "diff" : "";
  const image = h("img", { src: picture.thumbnail, alt: altOf(pair, picture), loading: "lazy", decoding: "async" });
  // Of a single file that was sent alone, some may have stayed behind.
  image.addEventListener("error", () => image.replaceWith(h("span.tile-lost", {}, "not in this file")));
  const link = h("a.tile", { href: linkTo(pair, mode), "data-open": pair.id, "data-mode": mode }, image);
  return h("figure", {}, link, h("figcaption", {}, picture.label));
}

export const regionText = (box) => [
  h("span.region-number", {}, String(box.number)),
  h("span.region-text", {}, box.description, " ", h("small", {}, box.where)),
];

function regionList({ boxes = [] }) {
  if (!boxes.length) return "";
  const rest = boxes.length - MOST_REGIONS;
  return [
    h("ol.regions", {}, boxes.slice(0, MOST_REGIONS).map((box) => h("li.region", {}, regionText(box)))),
    rest > 0 && h("p.more", {}, `and ${counted(rest, "more region")}`),
  ];
}

// The largest change that other pairs have as well.
export function shareOf(pair) {
  const found = [...pair.changes].filter((id) => sharedById.has(id)).map((id) => sharedById.get(id));
  return found.sort((a, b) => b.pairs.length - a.pairs.length)[0];
}

export function shareLink(pair) {
  const change = shareOf(pair);
  if (!change) return "";
  const text = `The same change in ${counted(change.pairs.length - 1, "other screenshot")}`;
  return h("p.share", {}, h("a", { href: addressOf({ ...NONE, change: change.id }) }, text));
}

function meta(pair) {
  const size = pair.size ? pair.size.join(" × ") : "";
  const told = pair.score ? [`score ${pair.score}, wanted ≥ ${pair.wanted}`, `${pair.changed} differ visibly`, size] : [size];
  return h("p.meta", {}, told.filter(Boolean).join(" · "));
}

export function buildCard(pair) {
  const failed = pair.status === "error";
  const reasons = (pair.reasons ?? []).map((reason) => h("li", {}, failed && icon("warning"), reason));
  return h(
    "article.card.pair",
    { "data-status": pair.status, "data-id": pair.id },
    h("div.gallery", {}, (pair.pictures ?? []).map((picture) => tile(pair, picture))),
    h(
      "div.card-text",
      {},
      h("header.card-head", {}, badge(pair.status), h("h3.name", {}, nameOf(pair)), buildDecision(pair)),
      buildRefusal(pair),
      pair.test && h("p.test", {}, pair.test),
      reasons.length > 0 && h("ul.reasons", {}, reasons),
      regionList(pair),
      meta(pair),
      shareLink(pair),
      warningList(pair.warnings),
    ),
  );
}

export function buildRow(pair) {
  return h(
    "article.row.pair",
    { "data-status": pair.status, "data-id": pair.id },
    h(
      "div.row-name",
      {},
      icon(pair.status),
      h("h3.name", {}, nameOf(pair)),
      pair.test && h("p.test", {}, pair.test),
      warningList(pair.warnings),
    ),
    h("p.score", {}, pair.score),
    h("p.note", {}, [pair.note, pair.margin].filter(Boolean).join("; ")),
  );
}
