// Draws what the page shows above a card as a PNG, for figures of which the kernel has no pixels. Part of card.js.

const DRAWN = ".js-plotly-plot, canvas.marks, svg.marks"; // plotly's; Vega's, of either of its renderers
const ENDS = ".jp-OutputArea, .output, .cell_output"; // outputs of one cell: beyond them begins another's
const LARGEST = 6e6; // characters that a message may have
const SHARP = 2;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// What readers see above a card, whatever it is drawn with.
export const SHOWN = `${DRAWN}, img, svg, canvas`;

export function figureAbove(el, kinds = DRAWN) {
  for (let node = el; node && !node.matches(ENDS); node = node.parentElement) {
    for (let before = node.previousElementSibling; before; before = before.previousElementSibling) {
      const found = before.matches(kinds) ? [before] : [...before.querySelectorAll(kinds)].filter((one) => isOuter(one, before, kinds));
      if (found.length) return found.pop();
      if (before.querySelector(".gofigr-live, .gofigr-card")) return null; // what is above belongs to that card
    }
  }
  return null;
}

// Not a part of another, and large enough to be no icon.
function isOuter(one, within, kinds) {
  const around = one.parentElement.closest(kinds);
  return (!around || !within.contains(around)) && one.getBoundingClientRect().width > 40;
}

async function composed(layers) {
  const { width, height } = layers[0].getBoundingClientRect(); // what is around it may be larger
  if (!width || !height) return "";
  const canvas = document.createElement("canvas"), pen = canvas.getContext("2d");
  canvas.width = width * SHARP;
  canvas.height = height * SHARP;
  pen.scale(SHARP, SHARP);
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, width, height);
  for (const layer of layers) {
    const image = new Image();
    image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(new XMLSerializer().serializeToString(layer));
    await image.decode();
    pen.drawImage(image, 0, 0, width, height);
  }
  return canvas.toDataURL("image/png");
}

async function pixelsOf(figure) {
  if (figure.matches("canvas")) return figure.width && figure.height ? figure.toDataURL("image/png") : "";
  if (figure.matches("svg")) return composed([figure]);
  const layers = [...figure.querySelectorAll(".main-svg")];
  return !layers.length || figure.querySelector("canvas") ? "" : composed(layers); // WebGL keeps no pixels once shown
}

// Resolves to the picture as a data: address, or to "" when there is none to be had. `place` finds the card's element,
// which the notebook may draw anew; the figure may need a moment to appear, and another to be whole.
export async function pictureAbove(place, patience = 5000) {
  let seen = null;
  for (const end = Date.now() + patience; Date.now() < end; await pause(250)) {
    const el = place(), figure = el && figureAbove(el);
    if (figure && figure === seen) {
      const picture = await pixelsOf(figure).catch(() => "");
      return picture.length > LARGEST ? "" : picture;
    }
    seen = figure;
  }
  return "";
}
