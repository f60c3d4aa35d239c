// Mouse, fingers and pen on the pictures: drag moves them, wheel moves, with Ctrl zooms, pinch zooms.
import { pan, zoomAt } from "./camera.js";

const WHEEL_ZOOM = 0.0022;
const LINE = 40;

const pointers = new Map();

function fromMiddle({ clientX, clientY }, stage) {
  const pane = [...stage.querySelectorAll(".window")]
    .map((element) => element.getBoundingClientRect())
    .find((box) => clientX >= box.left && clientX < box.right && clientY >= box.top && clientY < box.bottom);
  return pane ? [clientX - pane.left - pane.width / 2, clientY - pane.top - pane.height / 2] : [0, 0];
}

function onWheel(event) {
  event.preventDefault();
  const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE : 1;
  if (event.ctrlKey || event.metaKey) {
    zoomAt(Math.exp(-event.deltaY * unit * WHEEL_ZOOM), ...fromMiddle(event, event.currentTarget));
  } else if (event.shiftKey) pan(-event.deltaY * unit, 0);
  else pan(-event.deltaX * unit, -event.deltaY * unit);
}

function spread() {
  const [a, b] = [...pointers.values()];
  const middle = { clientX: (a.clientX + b.clientX) / 2, clientY: (a.clientY + b.clientY) / 2 };
  return { middle, distance: Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY) || 1 };
}

function onMove(event) {
  const before = pointers.get(event.pointerId);
  if (!before) return;
  if (pointers.size === 1) {
    pan(event.clientX - before.clientX, event.clientY - before.clientY);
    pointers.set(event.pointerId, event);
    return;
  }
  const old = spread();
  pointers.set(event.pointerId, event);
  const { middle, distance } = spread();
  pan(middle.clientX - old.middle.clientX, middle.clientY - old.middle.clientY);
  zoomAt(distance / old.distance, ...fromMiddle(middle, event.currentTarget));
}

export function startGestures(stage) {
  stage.addEventListener("wheel", onWheel, { passive: false });
  stage.addEventListener("pointermove", onMove);
  stage.addEventListener("pointerdown", (event) => {
    if (event.button || event.target.closest(".handle") || pointers.size === 2) return;
    stage.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, event);
  });
  for (const name of ["pointerup", "pointercancel"]) {
    stage.addEventListener(name, ({ pointerId }) => pointers.delete(pointerId));
  }
}
