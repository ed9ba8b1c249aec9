// The thread under a card: its comments, and a box to write in. In: news from the kernel, by `hear`: entries ready to be
// drawn. Out: DOM. What was written and did not arrive stays here with its text. `kit` are the card's own tools; the
// style sheet is appended by thread.py as THREAD_STYLE.

const BEAT = 60000; // ms between two words to the kernel that somebody still looks
const BUSY = 20000; // ms that a comment waits for a kernel that says nothing: it may be at work
const HEARD = 45000; // ms that it waits for one that has heard it
const AWAY = "The kernel does not answer: it is busy, or gone. What was said stays here, and so does what you have written.";
const ENDED = "The kernel no longer shows this thread. What was said so far stays here.";
const MORE = "There is more than fits here.";

export function weave(line, kit, card) {
  kit.adopt(THREAD_STYLE, "thread");
  return new Thread(line, kit, card);
}

class Thread {
  constructor(line, kit, card) {
    const { tag, button } = kit;
    this.line = line;
    this.kit = kit;
    this.card = card; // { changed(), link() }
    this.entries = new Map(); // by id
    this.drafts = new Map(); // texts of boxes that were closed, by what they are for
    this.me = {};
    this.fresh = 0;
    this.list = tag("ol", "entries");
    this.list.role = "list"; // said, as browsers take it from lists without marks
    this.list.ariaLabel = "Comments";
    this.empty = tag("p", "empty", "Nobody has said anything yet.");
    this.empty.hidden = true;
    this.scroller = tag("div", "scroller", this.list, this.empty);
    this.scroller.addEventListener("scroll", () => this.scrolled());
    this.newer = button("form gofigr-newer", "", () => this.showNewest(), "");
    this.newer.hidden = true;
    this.notice = tag("div", "notice");
    this.notice.role = "status";
    this.notice.hidden = true;
    this.heard = tag("span", "aside");
    this.heard.ariaLive = "polite";
    this.ground = new Ground(this);
    this.pins = new Pins(this);
    this.older = tag("ol", "entries");
    this.older.role = "list";
    this.olderSaid = tag("summary", "before");
    this.olders = tag("details", "olders", this.olderSaid, this.older);
    this.olders.hidden = true;
    this.writing = writing(this, {
      label: "Write a comment", act: "Comment", draft: "new", mayPin: true, send: (text, anchor) => this.send(text, undefined, anchor),
    });
    this.root = tag("div", "thread", this.notice, this.olders, this.scroller, this.newer, this.writing.node, this.heard);
    this.root.addEventListener("focusin", ({ target }) => this.entered(target));
    this.root.addEventListener("focusout", () => setTimeout(() => this.left()));
  }

  // ---------------------------------------------------------------- its place on the page

  isIn(place) {
    return place.contains(this.root);
  }

  // What is opened in it may take its place.
  release() {
    this.scroller.style.height = "";
  }

  // Notebooks draw outputs anew: what is being typed, the focus and the reader's place go along.
  put(place) {
    const { focused } = this;
    place.replaceChildren(this.root);
    this.scroller.scrollTop = this.top ?? this.scroller.scrollHeight;
    this.pins.draw();
    if (focused?.isConnected && document.activeElement?.contains(this.root)) focused.focus({ preventScroll: true });
  }

  // While somebody types, nothing that arrives may move the box.
  entered(target) {
    this.focused = target;
    if (target === this.writing.box) this.scroller.style.height = `${this.scroller.offsetHeight}px`;
  }

  left() {
    if (!this.root.isConnected || this.root.contains(document.activeElement)) return;
    this.focused = null;
    this.release();
    this.scrolled(); // what was below may be in sight now
  }

  scrolled() {
    if (!this.root.isConnected) return;
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    this.top = scrollTop;
    if (scrollHeight - scrollTop - clientHeight < 8) this.read();
  }

  read() {
    this.fresh = 0;
    this.newer.hidden = true;
  }

  showNewest() {
    this.release();
    this.newest?.node.scrollIntoView({ block: "nearest" });
    this.newest?.node.focus({ preventScroll: true });
    this.read();
  }

  get count() {
    return this.isRead ? [...this.entries.values()].filter(({ face }) => !face.deleted && !face.state).length : undefined;
  }

  // ---------------------------------------------------------------- what the kernel tells

  hear({ all, now = [], gone = [], me, more, problem }) {
    if (this.isEnded) return;
    this.isAway && this.setAway(false);
    this.me = me ?? this.me;
    if (all) this.hearAll(all, more);
    if (all && this.isOpen) this.askMachine();
    if (all && this.trouble) this.say((this.trouble = "")); // the server is back
    now.forEach((face) => this.take(face, true));
    gone.forEach((id) => this.drop(id));
    if (problem) this.say(problem, () => this.open());
    this.summed();
  }

  hearAll(all, more) {
    const there = new Set(all.map(({ id }) => id)), isFirst = !this.isRead;
    if (isFirst) this.list.remove(); // built apart, and shown at once
    all.forEach((face) => this.take(face));
    for (const [id, { face }] of [...this.entries]) if (!there.has(id) && (!face.state || face.kept)) this.drop(id);
    this.isRead = true;
    if (isFirst) {
      this.release();
      this.scroller.prepend(this.list);
      this.scroller.scrollTop = this.scroller.scrollHeight;
    }
    this.more = more;
  }

  take(face, isNews) {
    const known = this.entries.get(face.id);
    if (known) {
      const wasSent = known.face.state;
      known.draw(face);
      if (wasSent && !face.state) this.place(known);
      return;
    }
    const entry = new Entry(this, face);
    this.place(entry);
    this.entries.set(face.id, entry);
    if (isNews && !face.own) this.announce(entry);
  }

  drop(id) {
    const entry = this.entries.get(id);
    if (!entry) return;
    if (entry.isInUse() || entry.replies.childElementCount) return entry.draw({ ...entry.face, deleted: true });
    this.entries.delete(id);
    entry.node.remove();
  }

  // Oldest first; what has not arrived yet comes last. A parent is there before its replies, so nothing goes in circles.
  place(entry) {
    const parent = this.entries.get(entry.face.parent);
    entry.depth = parent ? parent.depth + 1 : 0;
    const list = !parent ? this.list : entry.depth <= DEEPEST ? parent.replies : parent.node.parentElement;
    let next = null;
    for (let node = list.lastElementChild; node; node = node.previousElementSibling) {
      if (node === entry.node) continue;
      if (node.entry.key <= entry.key) break;
      next = node;
    }
    if (entry.node.parentElement !== list || entry.node.nextElementSibling !== next) list.insertBefore(entry.node, next);
  }

  announce(entry) {
    this.newest = entry;
    this.heard.textContent = `New comment by ${entry.face.who}`;
    if (!this.root.isConnected) return;
    const seen = entry.node.getBoundingClientRect(), pane = this.scroller.getBoundingClientRect();
    if (seen.top >= pane.top && seen.bottom <= pane.bottom + 1) return;
    this.fresh += 1;
    this.newer.textContent = this.fresh === 1 ? "1 new comment" : `${this.fresh} new comments`;
    this.newer.hidden = false;
  }

  summed() {
    this.empty.hidden = !this.isRead || this.entries.size > 0;
    this.pins.draw();
    this.card.changed();
  }

  // ---------------------------------------------------------------- what is asked of the kernel

  async ask(request, patience = 10000) {
    const answer = await this.kit.ask(this.line, { ask: "thread", ...request }, patience, HEARD);
    if (!this.isEnded) this.setAway(!answer);
    return answer ?? { problem: "The kernel did not answer" };
  }

  // Before it is opened, for the count.
  look() {
    if (!this.isOpen && !this.isRead) this.kit.ask(this.line, { ask: "thread", do: "look" }, 10000, HEARD);
  }

  async open(mayFocus = () => false) {
    this.isOpen = true;
    this.beat();
    if (!this.isRead) this.say("Reading the comments…", null, null);
    const { problem } = await this.ask({ do: "open" }, 8000);
    if (this.isAway) return;
    this.trouble = problem;
    if (mayFocus()) this.writing.box.focus({ preventScroll: true });
    if (problem) return this.say(problem, () => this.open());
    this.say(this.more ? MORE : "");
    await this.ground.load();
    this.drawOlder();
    this.pins.draw();
  }

  // What was said of points of the data before: it is still about them.
  drawOlder() {
    const { earlier } = this.ground;
    this.olders.hidden = !earlier.length;
    if (earlier.length) this.olderSaid.textContent = `${earlier.length} comment${earlier.length === 1 ? "" : "s"} on points of earlier revisions`;
    this.older.replaceChildren(...earlier.map((face) => new Entry(this, face).node));
  }

  async askMachine() {
    const { available } = await this.ask({ do: "machine" });
    if (!!available === !!this.hasMachine) return;
    this.hasMachine = !!available;
    this.entries.forEach((entry) => entry.face.state || entry.drawDeeds());
  }

  close() {
    this.isOpen = false;
    this.pins.draw();
    clearTimeout(this.timer);
    this.kit.ask(this.line, { ask: "thread", do: "close" }, 2000);
  }

  beat() {
    clearTimeout(this.timer);
    this.timer = setTimeout(async () => {
      this.entries.forEach((entry) => entry.drawTime());
      await this.ask({ do: "stay" });
      if (this.isOpen) this.beat();
    }, BEAT);
  }

  probe() {
    if (this.isOpen) this.ask({ do: "stay" }, 2500);
  }

  people() {
    if (!this.known || Date.now() - this.knownSince > 5 * BEAT) {
      this.knownSince = Date.now();
      this.known = this.ask({ do: "people" }).then(({ people }) => people ?? ((this.known = null), []));
    }
    return this.known;
  }

  // The id is drawn here: sent again, a comment that did arrive is the same.
  send(text, parent, anchor) {
    const { who, user } = this.me;
    this.deliver({ id: uuid(), parent, text, anchor, who, user, own: true, at: new Date().toISOString() });
  }

  // One's own doing may move the box, and is to be seen; not by who has gone on to something else.
  show(id) {
    if (!this.root.contains(document.activeElement)) return;
    this.release();
    this.entries.get(id)?.said.scrollIntoView({ block: "nearest" });
    if (document.activeElement === this.writing.box) this.entered(this.writing.box);
  }

  // One that was not sent goes, here and from what is kept for later.
  discard({ id, kept }) {
    this.drop(id);
    this.summed();
    if (kept) this.ask({ do: "discard", id });
  }

  deliver(face) {
    const { id, text, parent, anchor } = face, before = this.sending;
    this.take({ ...face, state: "sending" });
    this.summed();
    this.show(id);
    this.sending = (async () => {
      await before;
      const { problem } = await this.ask({ do: "say", id, text, parent, anchor }, BUSY);
      const { state } = this.entries.get(id)?.face ?? {};
      if (!state || (state === "waiting" && !problem)) return; // it has arrived, or is kept until it can
      this.take({ ...face, state: problem && "failed", problem });
      this.summed();
      if (problem) this.show(id);
    })();
  }

  // ---------------------------------------------------------------- where nothing can be asked

  setAway(isAway) {
    if (!!this.isAway === isAway) return;
    this.isAway = isAway;
    this.root.classList.toggle("gofigr-away", isAway);
    this.root.querySelectorAll(".gofigr-go").forEach((go) => go.update());
    this.root.querySelectorAll(".gofigr-pinner").forEach((pin) => (pin.disabled = isAway));
    this.say(isAway ? AWAY : this.more ? MORE : "", isAway && (() => this.open()));
  }

  say(text, again, link = this.card.link()) {
    const { tag, button } = this.kit;
    this.notice.hidden = !text;
    this.notice.replaceChildren(tag("span", "", text));
    if (again) this.notice.append(" ", button("form", "", again, "Try again"));
    if (text && link) {
      const page = tag("a", "link", "Open its page");
      page.href = link;
      page.target = "_blank";
      page.rel = "noopener noreferrer";
      this.notice.append(" ", page);
    }
  }

  // The kernel takes the cards back: all that was said, as text.
  ended() {
    this.isEnded = true;
    this.isOpen = false;
    this.pins.draw();
    clearTimeout(this.timer);
    this.release();
    this.root.classList.add("gofigr-ended");
    this.root.querySelectorAll(".gofigr-preview").forEach((one) => one.remove());
    for (const box of this.root.querySelectorAll("textarea")) {
      box.hidden = false;
      box.readOnly = true;
      if (!box.value) box.closest(".gofigr-writing").remove();
    }
    this.root.querySelectorAll("button:not(.gofigr-chip, .gofigr-point), .gofigr-hint, .gofigr-naming").forEach((one) => one.remove());
    this.root.querySelectorAll("button").forEach((one) => (one.disabled = true));
    this.say(ENDED);
    return this.root;
  }
}

// Also where there is no crypto.randomUUID: on pages without https.
function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
