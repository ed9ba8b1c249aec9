// Numbered pins over the picture above a card: points that comments are about, and the one that is being set.
// Part of thread.py's module.

const STEP = 0.02; // of the picture, for one press of an arrow key
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const PLACING = "Click on the point, or move the pin with the arrow keys; Enter sets it, Escape leaves";

class Pins {
  constructor(thread) {
    this.thread = thread;
    this.marks = new Map(); // by the comment's id
    this.layer = thread.kit.tag("div", "pins");
    this.sized = new ResizeObserver(() => this.fit());
  }

  // Those of all entries that have a point of the picture, in the order of the thread.
  draw() {
    const entries = [...this.thread.list.querySelectorAll(".gofigr-entry")].map((node) => node.entry).filter(({ face }) => isPoint(face.anchor));
    entries.forEach((entry, i) => entry.drawAnchor(i + 1));
    this.marks.clear();
    this.placed?.leave();
    if (!this.thread.isOpen || !entries.length || !this.lay()) return this.clear();
    this.layer.replaceChildren(...entries.map(({ face }, i) => {
      const mark = this.mark(`${i + 1}`, face.anchor);
      this.marks.set(face.id, mark);
      return mark;
    }));
  }

  mark(label, { u, v }) {
    const mark = this.thread.kit.tag("span", "pin", label);
    mark.ariaHidden = "true"; // the comment says it
    move(mark, u, v);
    return mark;
  }

  light(id, isOn) {
    this.marks.get(id)?.classList.toggle("gofigr-lit", isOn);
  }

  clear() {
    this.layer.remove();
    this.sized.disconnect();
    this.watched = null;
  }

  // Lays the layer over the picture; whether there is one.
  lay() {
    const picture = this.thread.kit.picture();
    if (!picture) return false;
    if (this.watched === picture && this.layer.isConnected) return true;
    this.clear();
    const place = picture.parentElement;
    if (getComputedStyle(place).position === "static") place.style.position = "relative";
    picture.after(this.layer);
    this.watched = picture;
    this.sized.observe(picture);
    this.fit();
    return true;
  }

  fit() {
    if (!this.watched || !this.layer.isConnected) return;
    const seen = this.watched.getBoundingClientRect(), place = this.layer.parentElement, outer = place.getBoundingClientRect();
    this.layer.style.left = `${seen.left - outer.left - place.clientLeft + place.scrollLeft}px`;
    this.layer.style.top = `${seen.top - outer.top - place.clientTop + place.scrollTop}px`;
    this.layer.style.width = `${seen.width}px`;
    this.layer.style.height = `${seen.height}px`;
  }

  // Lets the reader choose a point; resolves to it, or to null.
  place() {
    if (!this.lay()) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const { tag } = this.thread.kit, sheet = tag("div", "placing"), mark = this.mark("", { u: 0.5, v: 0.5 });
      let u = 0.5, v = 0.5;
      const leave = (anchor = null) => {
        if (!this.placed) return;
        this.placed = null;
        sheet.remove();
        if (!this.layer.childElementCount) this.clear();
        resolve(anchor);
      };
      const to = (x, y) => {
        u = Math.min(1, Math.max(0, x));
        v = Math.min(1, Math.max(0, y));
        move(mark, u, v);
      };
      const set = () => leave({ u: rounded(u), v: rounded(v) });
      sheet.tabIndex = 0;
      sheet.role = "application"; // arrow keys are its own
      sheet.ariaLabel = sheet.title = PLACING;
      sheet.dataset.lmSuppressShortcuts = "true";
      sheet.append(mark);
      sheet.addEventListener("click", (event) => {
        const box = sheet.getBoundingClientRect();
        to((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
        set();
      });
      sheet.addEventListener("keydown", (event) => {
        const [x, y] = ARROWS[event.key] ?? [];
        event.stopPropagation();
        if (x !== undefined) to(u + x * STEP, v + y * STEP);
        else if (event.key === "Enter") set();
        else if (event.key === "Escape") leave();
        else return;
        event.preventDefault();
      });
      this.placed = { leave };
      this.layer.append(sheet);
      sheet.scrollIntoView({ block: "nearest" });
      sheet.focus({ preventScroll: true });
    });
  }
}

function isPoint(anchor) {
  return Number.isFinite(anchor?.u) && Number.isFinite(anchor?.v);
}

function move(mark, u, v) {
  mark.style.left = `${u * 100}%`;
  mark.style.top = `${v * 100}%`;
}

function rounded(number) {
  return Math.round(number * 1e4) / 1e4;
}

// What a comment's chip says of its point; nothing where it has none.
function pointed(anchor, number) {
  if (isPoint(anchor)) return number ? `Pin ${number}` : "";
  if (!Number.isFinite(anchor?.x) || !Number.isFinite(anchor?.y)) return "";
  return `at x = ${Number(anchor.x.toPrecision(5))}, y = ${Number(anchor.y.toPrecision(5))}`;
}
