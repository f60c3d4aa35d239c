// Filters, order and search: they change the state, and show what it is.
import { byId, capitalise, h, press } from "./dom.js";
import { kinds, pairs } from "./data.js";
import { change, current } from "./state.js";

const NONE = { status: "", kind: "", change: "", q: "" };
const search = byId("search");
const filters = [...byId("filters").querySelectorAll(".filter")];

export function showToolbar(state, shown) {
  for (const button of filters) press(button, button.dataset.filter === state.status);
  if (search.value !== state.q) search.value = state.q;
  byId("kind").value = kinds.includes(state.kind) ? state.kind : "";
  byId("sort").value = state.sort;
  byId("shown").textContent = `${shown.toLocaleString("en")} of ${pairs.length.toLocaleString("en")} shown`;
  byId("nothing").hidden = shown > 0;
}

function onSearchKey(event) {
  if (event.key !== "Escape") return;
  event.preventDefault();
  event.stopPropagation();
  if (search.value) change({ q: "" });
  else search.blur();
}

export function startToolbar() {
  byId("filters").disabled = false;
  for (const id of ["search-box", "choices", "help-open"]) byId(id).hidden = false;
  byId("kind").hidden = !kinds.length;
  byId("kind").append(...kinds.map((kind) => h("option", { value: kind }, capitalise(kind))));
  byId("kind").addEventListener("change", ({ target }) => change({ kind: target.value }));
  byId("sort").addEventListener("change", ({ target }) => change({ sort: target.value }));
  search.addEventListener("input", () => change({ q: search.value }));
  search.addEventListener("keydown", onSearchKey);
  byId("reset").addEventListener("click", () => {
    change(NONE);
    search.focus();
  });
  for (const button of filters) {
    const { filter } = button.dataset;
    button.addEventListener("click", () => change({ status: filter === current().status ? "" : filter }));
  }
}
