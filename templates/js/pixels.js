// The colours of the pixels that differ. A page that was opened from a file may show pictures but
// not read them; what it may read is a custom property of a style sheet, so they come in one.
import { h } from "./dom.js";

const PROPERTY = "--visualdiff-pixels";
const NONE = { find: () => undefined, truncated: false };
const UNPAIRED = 65535; // where only one image has a pixel
export const STATES = ["equal", "ignored", "visible", "masked"];

// One after the other: all style sheets write the same property.
let queue = Promise.resolve();

function readSheet(url) {
  return new Promise((resolve, reject) => {
    const link = h("link", { rel: "stylesheet", href: url });
    link.addEventListener("error", () => reject(new Error(`cannot load ${url}`)));
    link.addEventListener("load", () => {
      const text = getComputedStyle(document.documentElement).getPropertyValue(PROPERTY);
      link.remove();
      resolve(text.trim().slice(1, -1));
    });
    document.head.append(link);
  });
}

async function inflate(base64) {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).arrayBuffer();
}

// Flags, the number of tiles, the tiles, then for all of their pixels: RGBA before, RGBA after,
// hundredths of ΔE, and why they are shown as they are.
function decode(buffer) {
  const [flags, count] = new Uint32Array(buffer, 0, 2);
  const places = new Uint32Array(buffer, 8, 4 * count);
  const tiles = [];
  let total = 0;
  for (let i = 0; i < count; i++) {
    const [x, y, width, height] = places.subarray(4 * i, 4 * i + 4);
    tiles.push({ x, y, width, height, first: total });
    total += width * height;
  }
  const start = 8 + 16 * count;
  const before = new Uint8Array(buffer, start, 4 * total);
  const after = new Uint8Array(buffer, start + 4 * total, 4 * total);
  const differences = new DataView(buffer, start + 8 * total, 2 * total);
  const states = new Uint8Array(buffer, start + 10 * total, total);

  function find(x, y) {
    const tile = tiles.find((each) => x >= each.x && x < each.x + each.width && y >= each.y && y < each.y + each.height);
    if (!tile) return undefined;
    const i = tile.first + (y - tile.y) * tile.width + (x - tile.x);
    const difference = differences.getUint16(2 * i, true);
    return {
      before: [...before.subarray(4 * i, 4 * i + 4)],
      after: [...after.subarray(4 * i, 4 * i + 4)],
      difference: difference === UNPAIRED ? undefined : difference / 100,
      state: STATES[states[i]],
    };
  }

  return { find, truncated: Boolean(flags & 1) };
}

export function loadPixels(url) {
  if (!url) return Promise.resolve(NONE);
  // In a single file the sheet is in its own address.
  const told = url.startsWith("data:") ? url.split('"')[1] : undefined;
  const loaded = queue.then(() => told ?? readSheet(url)).then(inflate).then(decode);
  // A file that is missing takes nothing else with it.
  queue = loaded.catch(() => {});
  return loaded.catch(() => NONE);
}
