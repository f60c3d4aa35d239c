// Two pictures over one another: the divider of swipe, the opacity of onion skin, the rhythm of blink.
import { byId, h } from "./dom.js";
import { recall, remember } from "./choice.js";

const calm = matchMedia("(prefers-reduced-motion: reduce)");
const stage = byId("stage");
const slider = byId("mix").querySelector("input");
const SLOWEST_S = 2;
const FASTEST_S = 0.2;

let mode = null;
let paused = false;
let timer = 0;

const topSheet = () => stage.querySelectorAll(".sheet")[1];

// The faster, the further to the right.
const period = (value) => SLOWEST_S * (FASTEST_S / SLOWEST_S) ** (value / 100);

function tell(value) {
  const output = byId("mix").querySelector("output");
  output.textContent = mode.id === "blink" ? `${period(value).toFixed(1)} s` : `${value} %`;
}

function divide(value) {
  topSheet().style.clipPath = `inset(0 ${100 - value}% 0 0)`;
  stage.querySelector(".handle").style.left = `${value}%`;
}

// Which of the two is seen is always written above it.
function showTop(shown) {
  stage.dataset.shown = shown ? "baseline" : "candidate";
  topSheet().style.visibility = shown ? "visible" : "hidden";
}

function flip() {
  showTop(stage.dataset.shown !== "baseline");
}

function schedule() {
  clearInterval(timer);
  if (mode?.id === "blink" && !paused) timer = setInterval(flip, 1000 * period(slider.value));
  byId("pause").textContent = paused ? "Play" : "Pause";
}

function applyMix() {
  const value = Number(slider.value);
  tell(value);
  if (mode.id === "swipe") divide(value);
  if (mode.id === "onion") topSheet().style.opacity = value / 100;
  if (mode.id === "blink") schedule();
}

function buildHandle() {
  const handle = h("div.handle", { "aria-hidden": "true" });
  handle.addEventListener("pointerdown", (event) => {
    handle.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  handle.addEventListener("pointermove", (event) => {
    if (!handle.hasPointerCapture(event.pointerId)) return;
    const { left, width } = handle.parentElement.getBoundingClientRect();
    slider.value = (100 * (event.clientX - left)) / width;
    onSlide();
  });
  return handle;
}

function onSlide() {
  applyMix();
  remember(`mix-${mode.id}`, Number(slider.value));
}

export function showMixing(next) {
  stopMixing();
  mode = next;
  byId("mix").hidden = !mode.mix;
  byId("pause").hidden = mode.id !== "blink";
  if (!mode.mix) return;
  byId("mix").querySelector("span").textContent = mode.mix.label;
  slider.value = recall(`mix-${mode.id}`, mode.mix.value);
  if (mode.id === "swipe") stage.querySelector(".window").append(buildHandle());
  if (mode.id === "blink") {
    // What moves by itself does so only for those who want it to.
    paused = calm.matches;
    showTop(true);
  }
  applyMix();
}

export function stopMixing() {
  clearInterval(timer);
  delete stage.dataset.shown;
}

// By the space bar: a paused blink shows the other picture.
export function step() {
  if (mode?.id !== "blink") return;
  paused = true;
  flip();
  schedule();
}

export function startMixing() {
  slider.addEventListener("input", onSlide);
  byId("pause").addEventListener("click", () => {
    paused = !paused;
    schedule();
  });
}
