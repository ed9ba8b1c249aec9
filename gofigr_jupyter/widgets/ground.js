// Where points of the data are on the picture above a card, and which data a point of it is. Part of thread.py's module.
// plotly knows by itself where its axes run, also where the reader has moved them; of other pictures the kernel tells it.

class Ground {
  constructor(thread) {
    this.thread = thread;
    this.axes = [];
    this.earlier = [];
  }

  // Asks the kernel for what is there; axes arrive at the server last.
  load() {
    this.loading ??= this.thread.ask({ do: "ground" }).then(({ axes, earlier }) => {
      this.loading = undefined;
      this.axes = axes ?? this.axes; // a kernel that is away takes nothing back
      this.earlier = earlier ?? this.earlier;
    });
    return this.loading;
  }

  // The picture as its axes run now; none where only their words are wanted.
  view(picture) {
    return new View(picture?._fullLayout ? plotlyPanels(picture) : toldPanels(this.axes));
  }
}

class View {
  constructor(panels) {
    this.panels = panels; // the subplots by their numbers, each with its two ways
  }

  get isKnown() {
    return this.panels.size > 0;
  }

  // What a point of the picture is about: the innermost subplot that it is in, or only the picture.
  anchor(u, v) {
    const within = [...this.panels].filter(([, { x, y }]) => x.has(u) && y.has(v));
    within.sort(([, a], [, b]) => a.x.size * a.y.size - b.x.size * b.y.size);
    if (!within.length) return { u: rounded(u), v: rounded(v) };
    const [axes, { x, y }] = within[0], point = { axes, x: neat(x, u), y: neat(y, v) };
    return isDatum(point) ? point : { u: rounded(u), v: rounded(v) };
  }

  // Where what a comment is about is in the picture; null where it is out of sight, or nobody knows.
  spot(anchor) {
    if (isPoint(anchor)) return anchor;
    if (!isDatum(anchor)) return null;
    const { x, y } = this.panels.get(anchor.axes ?? 0) ?? {};
    if (!x || !y) return null;
    const u = x.at(anchor.x), v = y.at(anchor.y);
    return x.has(u) && y.has(v) ? { u, v } : null;
  }

  // What a comment's chip says of its point; nothing where it has none.
  words(anchor, number) {
    if (isPoint(anchor)) return number ? `Pin ${number}` : "";
    const told = this.coordinates(anchor);
    return told && `${number ? `Pin ${number}:` : "at"} ${told}`;
  }

  // The values at a point of the data, to be read; nothing where it is only one of the picture.
  coordinates(anchor) {
    if (isPoint(anchor) || !isDatum(anchor)) return "";
    const { x, y } = this.panels.get(anchor.axes ?? 0) ?? {};
    return `x = ${spoken(anchor.x, x)}, y = ${spoken(anchor.y, y)}`;
  }
}

function isPoint(anchor) {
  return Number.isFinite(anchor?.u) && Number.isFinite(anchor?.v);
}

function isDatum(anchor) {
  return Number.isFinite(anchor?.x) && Number.isFinite(anchor?.y);
}

function toldPanels(axes) {
  const panels = new Map();
  for (const { axes: number, direction, scale, run } of axes) {
    if (!panels.has(number)) panels.set(number, {});
    panels.get(number)[direction] = told(scale, ...run);
  }
  return complete(panels);
}

// From the fraction `start` of the picture to `end` an axis shows the numbers from `first` to `last`.
function told(scale, start, end, first, last) {
  const isLog = scale === "log", bend = (number) => (isLog ? Math.log10(number) : number);
  const reach = bend(last) - bend(first);
  const at = (number) => start + ((bend(number) - bend(first)) / reach) * (end - start);
  const of = (fraction) => {
    const bent = bend(first) + ((fraction - start) / (end - start)) * reach;
    return isLog ? 10 ** bent : bent;
  };
  return way(at, of, start, end, scale === "time");
}

// Subplots have the numbers that they have in the record: in the order in which traces are drawn on them.
function plotlyPanels(picture) {
  const { _fullLayout: layout, _fullData: traces = [] } = picture, panels = new Map(), there = [];
  const box = drawnBox(picture);
  for (const trace of traces) {
    const plot = trace.xaxis && layout._plots?.[trace.xaxis + trace.yaxis];
    const under = plot && [plot.xaxis, plot.yaxis].map((axis) => (axis.overlaying && axis.overlaying !== "free" ? axis.overlaying : axis._id));
    const key = JSON.stringify(under ?? [trace.scene, trace.subplot, trace.geo, trace.domain]);
    if (there.includes(key)) continue;
    there.push(key);
    const [x, y] = under ? [layout[longName("x", under[0])], layout[longName("y", under[1])]] : [];
    if (x && y) panels.set(there.length - 1, { x: ofPlotly(x, box.width), y: ofPlotly(y, box.height) });
  }
  return complete(panels);
}

function longName(direction, id) {
  return `${direction}axis${id.slice(1)}`;
}

// `l` are plotly's numbers: exponents on logarithmic axes, milliseconds for dates, positions of categories.
function ofPlotly({ type, _offset, _length, l2p, p2l }, whole) {
  const isLog = type === "log", isTime = type === "date";
  const at = (number) => (_offset + l2p(isLog ? Math.log10(number) : isTime ? number * 1000 : number)) / whole;
  const of = (fraction) => {
    const found = p2l(fraction * whole - _offset);
    return isLog ? 10 ** found : isTime ? found / 1000 : found;
  };
  return way(at, of, _offset / whole, (_offset + _length) / whole, isTime);
}

function way(at, of, start, end, isTime) {
  const low = Math.min(start, end), high = Math.max(start, end), near = 0.002;
  return { at, of, isTime, size: high - low, has: (fraction) => fraction >= low - near && fraction <= high + near };
}

function complete(panels) {
  return new Map([...panels].filter(([, { x, y }]) => x && y));
}

// As many digits as a reader can point at.
function neat({ of }, fraction) {
  const number = of(fraction), near = Math.abs(of(fraction + 0.001) - number);
  if (!(near > 0)) return number;
  const digits = Math.ceil(Math.log10(Math.abs(number) / near)) + 1;
  return digits < 1 ? 0 : Number(number.toPrecision(Math.min(digits, 15)));
}

function spoken(number, { isTime } = {}) {
  const date = isTime && new Date(number * 1000);
  if (date && !Number.isNaN(date.getTime())) return date.toISOString().slice(0, 16).replace("T", " ").replace(" 00:00", "");
  return `${Number(number.toPrecision(5))}`;
}

function rounded(number) {
  return Math.round(number * 1e4) / 1e4;
}

// The part of a figure's element that it draws on.
function drawnBox(picture) {
  return ((picture._fullLayout && picture.querySelector(".main-svg")) || picture).getBoundingClientRect();
}
