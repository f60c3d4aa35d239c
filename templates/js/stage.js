// The panes of a pair in one mode, all under one camera.
import { byId, counted, h } from "./dom.js";
import { pictureOf } from "./data.js";
import { begin, camera, frame, onLook, origin } from "./camera.js";
import { buildSheets } from "./layers.js";
import { toBaseline } from "./alignment.js";

const stage = byId("stage");
const CRISP_ZOOM = 1.5;
let shown = null; // { pair, mode }

function buildPane(pair, roles) {
  const labels = roles.map((role) => pictureOf(pair, role));
  const told = labels.map(({ label, note }) => h("span", { "data-role": label.toLowerCase() }, `${label} · ${note}`));
  return h("section.pane", {}, h("p.pane-head", {}, told), h("div.window", {}, buildSheets(pair, roles)));
}

// Side by side, the same part of a page stands at the same height, though rows were inserted above.
function shiftOf(index) {
  const { pair, mode } = shown;
  if (mode.id !== "side" || index || !pair.pieces) return 0;
  return Math.round((toBaseline(pair.pieces, camera.x, camera.y) - camera.y) * camera.zoom);
}

function apply() {
  const [width, height] = camera.scene;
  const [x, y] = origin();
  stage.querySelectorAll(".window").forEach((pane, index) => {
    const shift = shiftOf(index);
    pane.dataset.shift = shift;
    for (const scene of pane.querySelectorAll(".scene")) {
      scene.style.width = `${width * camera.zoom}px`;
      scene.style.height = `${height * camera.zoom}px`;
      scene.style.transform = `translate(${x}px, ${y - shift}px)`;
    }
  });
  stage.dataset.crisp = String(camera.zoom >= CRISP_ZOOM);
  byId("zoom-level").textContent = `${Math.round(camera.zoom * 100)} %`;
}

function measure(scene) {
  const { clientWidth, clientHeight } = stage.querySelector(".window");
  frame(scene, [clientWidth, clientHeight]);
}

// Another mode of the same pair keeps the place that one looks at.
export function showPanes(pair, mode, { keep }) {
  shown = { pair, mode };
  stage.dataset.mode = mode.id;
  stage.replaceChildren(...mode.panes.map((roles) => buildPane(pair, roles)));
  stage.setAttribute("aria-label", `${mode.label} of ${pair.name}, ${counted((pair.boxes ?? []).length, "region")}`);
  measure(pair.size);
  if (!keep) begin();
}

export function markCurrent(number) {
  for (const mark of stage.querySelectorAll("[data-number]")) {
    mark.toggleAttribute("data-current", mark.dataset.number === String(number));
  }
}

export function startStage() {
  onLook(apply);
  new ResizeObserver(() => stage.childElementCount && measure(camera.scene)).observe(stage);
}
