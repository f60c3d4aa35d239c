// What lies on one another in a pane: a picture, what is marked on it, and where it changed.
import { h } from "./dom.js";
import { pictureOf } from "./data.js";

const share = (part, whole) => `${(100 * part) / whole}%`;

function place(element, [x, y, width, height], [sceneWidth, sceneHeight]) {
  Object.assign(element.style, {
    left: share(x, sceneWidth),
    top: share(y, sceneHeight),
    width: share(width, sceneWidth),
    height: share(height, sceneHeight),
  });
  return element;
}

function image(url, size, scene, className) {
  const element = h(`img.${className}`, { src: url, alt: "", decoding: "async", draggable: "false" });
  const placed = place(element, [0, 0, ...size], scene);
  // Of a single file that was sent alone, some may have stayed behind.
  element.addEventListener("error", () => element.replaceWith(h("p.lost", {}, className === "picture" ? "This picture is not in this file." : "")));
  return placed;
}

// Of an aligned page, each part of the baseline stands where it was compared.
function buildPiece({ url, width, height }, [x, y, pieceWidth, pieceHeight, row], scene) {
  const piece = place(h("div.piece"), [x, row, pieceWidth, pieceHeight], scene);
  piece.append(place(h("img.picture", { src: url, alt: "", draggable: "false" }), [-x, -y, width, height], [pieceWidth, pieceHeight]));
  return piece;
}

function buildAligned(pair, picture) {
  if (pair.pieces) return pair.pieces.map((piece) => buildPiece(picture, piece, pair.size));
  const [whole] = buildPicture(picture, pair.size);
  if (pair.motion) {
    const [a, b, c, d, left, top] = pair.motion;
    whole.style.left = share(left, pair.size[0]);
    whole.style.top = share(top, pair.size[1]);
    whole.style.transform = `matrix(${a}, ${b}, ${c}, ${d}, 0, 0)`;
  }
  return [whole];
}

const buildPicture = ({ url, width, height }, scene) => [image(url, [width, height], scene, "picture")];

// Above a box so near to the top, its number would be cut off.
const LABEL_HEIGHT = 20;

const isBand = ({ kind }) => kind === "inserted rows" || kind === "removed rows";

function buildMark(box, side, scene) {
  const rectangle = box[side];
  if (!rectangle) return "";
  const atTop = rectangle[1] < LABEL_HEIGHT;
  const mark = h(isBand(box) ? "div.band" : "div.box", { "data-number": box.number, "data-kind": box.kind, "data-top": atTop });
  return place(mark, rectangle, scene);
}

const sizeOf = ({ width, height }) => [width, height];

function buildMarks(pair, side) {
  const { size, boxes = [], ignored } = pair;
  const shown = pictureOf(pair, side);
  const { mask } = shown ?? {};
  return [
    mask && image(mask, sizeOf(shown), size, "mask"),
    ignored && side === "candidate" && image(ignored, sizeOf(pictureOf(pair, "diff")), size, "ignored"),
    ...boxes.map((box) => buildMark(box, side, size)),
  ];
}

const sheet = (role, ...children) => h("div.sheet", { "data-role": role }, h("div.scene", {}, ...children));

// The sheets of a pane, from bottom to top. What lies over one another shares the candidate's marks.
export function buildSheets(pair, roles) {
  const [bottom, top] = roles;
  const marked = top || bottom === "diff" ? "candidate" : bottom;
  const side = pictureOf(pair, marked) ? marked : bottom;
  const pictures = roles.map((role) => {
    const picture = pictureOf(pair, role);
    return sheet(role, top && role === "baseline" ? buildAligned(pair, picture) : buildPicture(picture, pair.size));
  });
  return [...pictures, sheet("marks", buildMarks(pair, side))];
}
