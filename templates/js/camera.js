// Where one looks: the place of the picture in the middle of each pane, and the zoom. All panes
// share it, so they always show the same place.

export const MOST_ZOOM = 16;
const LEAST_ZOOM = 1 / 64;
const FLIGHT_MS = 220;
const calm = matchMedia("(prefers-reduced-motion: reduce)");

export const camera = { x: 0, y: 0, zoom: 1, scene: [1, 1], pane: [1, 1] };
let listener = () => {};
let flight = 0;
// What looks again when a pane changes its size; nothing once a person has moved or zoomed.
let again = null;

export const onLook = (apply) => (listener = apply);

// Where the picture begins in each pane: on whole pixels of the screen, for it would blur between.
export function origin() {
  const snap = (place) => Math.round(place * devicePixelRatio) / devicePixelRatio;
  const { x, y, zoom, pane } = camera;
  return [snap(pane[0] / 2 - x * zoom), snap(pane[1] / 2 - y * zoom)];
}

const limitZoom = (zoom) => Math.min(Math.max(zoom, LEAST_ZOOM), MOST_ZOOM);

// A picture smaller than its pane stands in the middle; a larger one leaves no gap.
function limitPlace(place, size, pane) {
  const half = pane / camera.zoom / 2;
  return half * 2 >= size ? size / 2 : Math.min(Math.max(place, half), size - half);
}

function settle() {
  camera.x = limitPlace(camera.x, camera.scene[0], camera.pane[0]);
  camera.y = limitPlace(camera.y, camera.scene[1], camera.pane[1]);
  listener();
}

export function look(x, y, zoom = camera.zoom) {
  cancelAnimationFrame(flight);
  again = null;
  Object.assign(camera, { x, y, zoom: limitZoom(zoom) });
  settle();
}

export const pan = (dx, dy) => look(camera.x - dx / camera.zoom, camera.y - dy / camera.zoom);

// The place under the pointer, in pixels from the middle of its pane, stays there.
export function zoomAt(factor, dx = 0, dy = 0) {
  const zoom = limitZoom(camera.zoom * factor);
  const [x, y] = [camera.x + dx / camera.zoom, camera.y + dy / camera.zoom];
  look(x - dx / zoom, y - dy / zoom, zoom);
}

// Where the middle of a rectangle is seen, in pixels from the middle of its pane; out of view, there.
export function fromMiddle(rectangle) {
  if (!rectangle) return [0, 0];
  const [x, y, width, height] = rectangle;
  const seen = [(x + width / 2 - camera.x) * camera.zoom, (y + height / 2 - camera.y) * camera.zoom];
  return seen.every((offset, i) => Math.abs(offset) <= camera.pane[i] / 2) ? seen : [0, 0];
}

export function frame(scene, pane) {
  Object.assign(camera, { scene, pane });
  if (again) again();
  else settle();
}

const fitting = ([width, height]) => Math.min(camera.pane[0] / width, camera.pane[1] / height);

// What is small is enlarged by whole numbers only, so that its pixels stay what they are.
export function fit() {
  const zoom = fitting(camera.scene);
  look(camera.scene[0] / 2, camera.scene[1] / 2, zoom < 1 ? zoom : Math.min(Math.floor(zoom), 4));
  again = fit;
}

// The whole page if it can be read like that, else its width and its beginning.
export function begin() {
  const whole = fitting(camera.scene);
  const wide = Math.min(camera.pane[0] / camera.scene[0], 1);
  if (whole >= wide / 2) fit();
  else look(camera.scene[0] / 2, 0, wide);
  again = begin;
}

export const actualSize = () => look(camera.x, camera.y, 1);

function flyTo(x, y, zoom) {
  if (calm.matches) return look(x, y, zoom);
  const from = { ...camera };
  const start = performance.now();
  const step = (now) => {
    const t = Math.min((now - start) / FLIGHT_MS, 1);
    const eased = 1 - (1 - t) ** 3;
    look(from.x + (x - from.x) * eased, from.y + (y - from.y) * eased, from.zoom * (zoom / from.zoom) ** eased);
    if (t < 1) flight = requestAnimationFrame(step);
  };
  cancelAnimationFrame(flight);
  flight = requestAnimationFrame(step);
  return undefined;
}

// A region is seen well when it takes half of the pane; it is never made tiny nor huge for that.
export function showPlace([x, y, width, height]) {
  const wide = Math.min(camera.pane[0] / camera.scene[0], 1);
  const wanted = fitting([width * 2 + 40, Math.max(height, 1) * 2 + 40]);
  flyTo(x + width / 2, y + height / 2, limitZoom(Math.min(Math.max(wanted, wide), Math.max(wide, 2))));
}
