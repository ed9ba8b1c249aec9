// Numbered pins over the picture above a card: points that comments are about, and the one that is being set.
// Part of thread.py's module.

const STEP = 0.02; // of the picture, for one press of an arrow key
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const PLACING = "Click on the point, or move the pin with the arrow keys; Enter sets it, Escape leaves";

class Pins {
  constructor(thread) {
    this.thread = thread;
    this.marks = new Map(); // by the comment's id
    this.shown = thread.kit.tag("div");
    this.layer = thread.kit.tag("div", "pins", this.shown);
    this.sized = new ResizeObserver(() => this.fit());
    this.moved = () => this.draw();
  }

  // Those of all entries that are about a point in sight, in the order of the thread; then those of earlier revisions.
  draw() {
    const { root, isOpen, kit, ground } = this.thread;
    const all = [...root.querySelectorAll(".gofigr-entry")].map((node) => node.entry).filter(({ face }) => face.anchor);
    const picture = isOpen && (all.length || this.placed) ? kit.picture() : null; // which costs a layout of the page
    const view = ground.view(picture), seen = [];
    for (const entry of [...all.filter(({ isOlder }) => !isOlder), ...all.filter(({ isOlder }) => isOlder)]) {
      const spot = picture && view.spot(entry.face.anchor);
      if (spot) seen.push({ entry, spot });
      entry.drawAnchor(view.words(entry.face.anchor, spot && seen.length));
    }
    this.marks.clear();
    if (picture !== this.watched) this.placed?.leave(); // else what others say meanwhile takes the point from nobody
    if ((!seen.length && !this.placed) || !this.lay(picture)) return this.clear();
    this.shown.replaceChildren(...seen.map(({ entry: { face, isOlder }, spot }, i) => {
      const mark = this.mark(`${i + 1}`, spot);
      mark.classList.toggle("gofigr-older", isOlder);
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
    this.shown.replaceChildren();
    this.layer.remove();
    this.sized.disconnect();
    this.watched?.removeListener?.("plotly_afterplot", this.moved);
    this.watched = null;
  }

  // Lays the layer over the picture; whether there is one.
  lay(picture) {
    if (!picture) return false;
    if (this.watched === picture && this.layer.isConnected) return true;
    this.clear();
    const place = picture.parentElement;
    if (getComputedStyle(place).position === "static") place.style.position = "relative";
    picture.after(this.layer);
    this.watched = picture;
    this.sized.observe(picture);
    if (picture._fullLayout) picture.on?.("plotly_afterplot", this.moved); // the reader has moved its axes
    this.fit();
    return true;
  }

  fit() {
    if (!this.watched || !this.layer.isConnected) return;
    const seen = drawnBox(this.watched), place = this.layer.parentElement, outer = place.getBoundingClientRect();
    this.layer.style.left = `${seen.left - outer.left - place.clientLeft + place.scrollLeft}px`;
    this.layer.style.top = `${seen.top - outer.top - place.clientTop + place.scrollTop}px`;
    this.layer.style.width = `${seen.width}px`;
    this.layer.style.height = `${seen.height}px`;
  }

  // Lets the reader choose a point; resolves to it, to null, or, where there is no picture, to nothing.
  place() {
    if (!this.lay(this.thread.kit.picture())) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const { ground, kit: { tag } } = this.thread, sheet = tag("div", "placing"), mark = this.mark("", { u: 0.5, v: 0.5 });
      const told = tag("span", "told");
      let u = 0.5, v = 0.5, pointed = [u, v], view = ground.view(this.watched);
      const tell = (...at) => {
        pointed = at;
        if (this.placed) told.textContent = view.coordinates(view.anchor(...at));
      };
      const leave = (anchor = null) => {
        if (!this.placed) return;
        this.placed = null;
        sheet.remove();
        if (!this.shown.childElementCount) this.clear();
        resolve(anchor);
      };
      const to = (x, y) => {
        u = Math.min(1, Math.max(0, x));
        v = Math.min(1, Math.max(0, y));
        move(mark, u, v);
        tell(u, v);
      };
      const set = () => leave(view.anchor(u, v));
      sheet.tabIndex = 0;
      sheet.role = "application"; // arrow keys are its own
      sheet.ariaLabel = sheet.title = PLACING;
      sheet.dataset.lmSuppressShortcuts = "true";
      told.role = "status";
      sheet.append(mark, told);
      const within = (event) => {
        const box = sheet.getBoundingClientRect();
        return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
      };
      sheet.addEventListener("pointermove", (event) => tell(...within(event)));
      sheet.addEventListener("click", (event) => {
        to(...within(event));
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
      if (!view.isKnown) {
        ground.load().then(() => { // axes may have arrived since the thread was opened
          view = ground.view(this.watched);
          tell(...pointed);
        });
      }
      tell(u, v);
      this.layer.append(sheet);
      sheet.scrollIntoView({ block: "nearest" });
      sheet.focus({ preventScroll: true });
    });
  }
}

function move(mark, u, v) {
  mark.style.left = `${u * 100}%`;
  mark.style.top = `${v * 100}%`;
}
