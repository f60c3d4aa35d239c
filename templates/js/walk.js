// From pair to pair in the list, by keys.
import { reveal } from "./shelves.js";

let listed = [];
let at = -1;

export function walkAmong(pairs) {
  listed = pairs;
  at = -1;
}

export function goTo(pair) {
  const element = reveal(pair);
  at = listed.indexOf(pair);
  if (!element) return;
  const target = element.querySelector("a.permalink") ?? element;
  if (target === element) element.tabIndex = -1;
  element.scrollIntoView({ block: "nearest" });
  target.focus({ preventScroll: true });
}

export function walk(by) {
  const focused = document.activeElement?.closest(".pair")?.dataset.id;
  if (focused) at = listed.findIndex((pair) => pair.id === focused);
  const next = listed[Math.min(Math.max(at + by, 0), listed.length - 1)];
  if (next) goTo(next);
}
