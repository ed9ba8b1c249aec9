// Deep Insight under a card: questions to a machine about the figure, and a box to ask them. In: news from the kernel, by
// `hear`: answers ready to be drawn. Out: DOM. A question that was not answered stays here with its text. `kit` are the
// card's own tools; the style sheet is appended by pane.py as INSIGHT_STYLE.

const BUSY = 20000; // ms that a question waits for a kernel that says nothing: it may be at work
const HEARD = 45000; // ms that it waits for one that has heard it
const BEAT = 15000; // ms between two looks whether the kernel is there, while it answers
const LONGEST = 4000; // characters of a question
const TICK = 1500; // ms that a button says that the code was copied
const READ_OUT = 400; // characters of an answer that are read out by themselves
const AWAY = "The kernel does not answer: it is busy, or gone. What was answered stays here, and so does what you have written.";
const ENDED = "The kernel no longer shows this. What was answered so far stays here.";
const IS_OPEN = new Set(["sending", "asking", "answering"]);

export function weave(line, kit, card) {
  kit.adopt(INSIGHT_STYLE, "insight");
  return new Insight(line, kit, card);
}

class Insight {
  constructor(line, kit, card) {
    const { tag, button } = kit;
    this.line = line;
    this.kit = kit;
    this.card = card; // { changed(), link(), close() }
    this.turns = new Map(); // by id
    this.standing = tag("p", "standing");
    this.notice = tag("div", "notice");
    this.notice.role = "status";
    this.notice.hidden = true;
    this.list = tag("ol", "turns");
    this.list.role = "list"; // said, as browsers take it from lists without marks
    this.list.ariaLabel = "Questions and answers";
    this.suggested = tag("div", "suggested");
    this.suggested.role = "group";
    this.suggested.ariaLabel = "Suggested questions";
    this.heard = tag("span", "aside");
    this.heard.ariaLive = "polite";
    this.box = tag("textarea", "box");
    this.box.rows = 1;
    this.box.maxLength = LONGEST;
    this.box.placeholder = this.box.ariaLabel = "Ask about this figure";
    this.box.dir = "auto";
    this.box.addEventListener("input", () => this.update());
    this.box.addEventListener("keydown", (event) => this.pressed(event));
    this.go = button("form gofigr-go", "", () => this.submit(), "Ask");
    this.halt = button("form", "", () => this.stop(), "Stop");
    this.trouble = tag("span", "unsent");
    this.trouble.role = "status";
    const writing = tag("div", "writing", this.box, tag("div", "row", this.go, this.halt, this.trouble));
    this.root = tag("div", "insight", this.notice, this.list, this.suggested, writing, this.standing, this.heard);
    this.root.role = "group";
    this.root.ariaLabel = "Deep Insight";
    this.root.addEventListener("focusin", ({ target }) => (this.focused = target));
    this.root.addEventListener("focusout", () => setTimeout(() => {
      if (this.root.isConnected && !this.root.contains(document.activeElement)) this.focused = null;
    }));
    this.update();
  }

  // ---------------------------------------------------------------- its place on the page

  isIn(place) {
    return place.contains(this.root);
  }

  // Notebooks draw outputs anew: what is being typed and the focus go along.
  put(place) {
    const { focused } = this;
    place.replaceChildren(this.root);
    if (focused?.isConnected && document.activeElement?.contains(this.root)) focused.focus({ preventScroll: true });
  }

  get running() {
    return [...this.turns.values()].find(({ face }) => IS_OPEN.has(face.state));
  }

  // What the buttons can do now.
  update() {
    const { running } = this, isClosed = !!(this.isAway || this.isClosed);
    this.go.disabled = !this.box.value.trim() || isClosed || !!running;
    this.go.title = this.isAway ? "The kernel does not answer" : this.isClosed ? "Questions cannot be asked now" : "";
    this.halt.hidden = !running;
    for (const one of this.suggested.children) one.disabled = !!this.isAway || !!running || (this.isClosed && one.dataset.deed !== "code");
    this.list.hidden = !this.turns.size;
  }

  // ---------------------------------------------------------------- what the kernel tells

  hear({ turns, turn, standing, suggested }) {
    if (this.isEnded) return;
    this.isAway && this.setAway(false);
    turns?.forEach((face) => this.take(face));
    if (turn) this.take(turn);
    if (standing) this.drawStanding(standing);
    if (suggested) this.drawSuggested(suggested);
    this.update();
  }

  // Who reads the end of the list sees an answer grow; who has scrolled back is left there.
  take(face) {
    const { scrollTop, scrollHeight, clientHeight } = this.list, isAtEnd = scrollHeight - scrollTop - clientHeight < 30;
    const known = this.turns.get(face.id), was = known?.face.state;
    if (!known) {
      const made = new Turn(this, face);
      this.turns.set(face.id, made);
      this.list.append(made.node);
    } else {
      known.draw(face);
    }
    if (isAtEnd) this.list.scrollTop = this.list.scrollHeight;
    if (was && was !== face.state) this.announce(face);
  }

  // Once when it begins and once when it is whole: nobody wants each word read out as it comes.
  announce({ id, state, by }) {
    const { node, body } = this.turns.get(id), said = body.textContent.trim();
    if (state === "answering") this.heard.textContent = "Answering";
    if (state === "done") {
      const more = said.length > READ_OUT ? " … the rest is on the page" : "";
      this.heard.textContent = `Answer by ${by ?? "the record"}: ${said.slice(0, READ_OUT)}${more}`;
    }
    if (IS_OPEN.has(state)) return;
    if (state === "consent" || this.counts) this.ask({ do: "standing" });
    if (state === "consent" && this.root.contains(document.activeElement) && !this.box.value) {
      node.querySelector(".gofigr-consent").focus({ preventScroll: true });
    }
    if (document.activeElement === document.body && this.wasHalted) this.box.focus({ preventScroll: true });
    this.wasHalted = false;
    if (this.root.contains(document.activeElement)) node.scrollIntoView({ block: "nearest" });
  }

  drawStanding({ line, closed, away, counts }) {
    this.isClosed = !!closed;
    this.standing.textContent = line;
    this.standing.classList.toggle("gofigr-leaves", !!away);
    this.counts = !!counts;
  }

  drawSuggested(suggested) {
    const { button } = this.kit, had = this.suggested.contains(document.activeElement);
    this.suggested.replaceChildren(...suggested.map(({ question, deed }) => {
      const one = button("form gofigr-suggestion", "", () => this.send(question, deed), question);
      one.dataset.deed = deed;
      return one;
    }));
    if (had) this.suggested.firstChild?.focus({ preventScroll: true });
  }

  // ---------------------------------------------------------------- what is asked of the kernel

  async ask(request, patience = 10000) {
    const answer = await this.kit.ask(this.line, { ask: "insight", ...request }, patience, HEARD);
    if (!this.isEnded) this.setAway(!answer);
    return answer ?? { problem: "The kernel did not answer" };
  }

  // Its code is read while a reader goes for the button; the server is asked when it is opened.
  look() {}

  async open(mayFocus = () => false) {
    this.isShown = true;
    if (mayFocus()) this.box.focus({ preventScroll: true });
    await this.refresh();
  }

  async refresh() {
    const { problem } = await this.ask({ do: "open" }, 8000);
    if (!this.isAway) this.say(problem ?? "", problem && (() => this.refresh()));
  }

  close() {
    this.isShown = false;
  }

  probe() {
    if (this.isShown || this.running) this.ask({ do: "stay" }, 2500);
  }

  // A kernel that dies says nothing: while an answer is awaited, it is asked now and then.
  beat() {
    clearTimeout(this.timer);
    this.timer = setTimeout(async () => {
      if (!this.running) return;
      await this.ask({ do: "stay" });
      this.beat();
    }, BEAT);
  }

  pressed(event) {
    event.stopPropagation(); // the notebook has shortcuts of its own
    if (event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      this.submit();
    }
    if (event.key === "Escape" && !this.box.value) this.card.close();
  }

  submit() {
    const written = this.box.value.trim();
    if (this.go.disabled) return;
    this.box.value = "";
    this.update();
    this.send(written, "ask");
    this.box.focus({ preventScroll: true });
  }

  // The id is drawn here: asked again, it is the same question.
  send(question, deed, id = `${Date.now()}-${Math.random().toString(36).slice(2)}`, agreed = false) {
    if (this.running) return;
    this.trouble.textContent = "";
    this.take({ id, question, deed, state: "sending" });
    this.update();
    this.turns.get(id).node.scrollIntoView({ block: "nearest" });
    this.beat();
    this.deliver({ id, question, deed, agreed });
  }

  async deliver({ id, question, deed, agreed }) {
    const { problem } = await this.ask({ do: "ask", id, question, deed, agreed }, BUSY);
    if (problem && this.turns.get(id)?.face.state === "sending") this.take({ id, question, deed, state: "failed", problem });
    this.update();
  }

  stop() {
    const { running } = this;
    if (!running) return;
    this.wasHalted = true;
    this.ask({ do: "stop", id: running.face.id });
    this.box.focus({ preventScroll: true });
  }

  // A question that was not answered goes back into the box, where it can be changed.
  takeBack(turn) {
    const { id, question, deed } = turn.face;
    turn.node.remove();
    this.turns.delete(id);
    this.ask({ do: "forget", id });
    if (deed === "ask" && !this.box.value.trim()) this.box.value = question;
    this.update();
    this.box.focus({ preventScroll: true });
  }

  // ---------------------------------------------------------------- where nothing can be asked

  setAway(isAway) {
    if (!!this.isAway === isAway) return;
    this.isAway = isAway;
    this.root.classList.toggle("gofigr-away", isAway);
    if (isAway && this.running) this.running.draw({ ...this.running.face, state: "failed", problem: "The kernel went before the answer was whole" });
    this.say(isAway ? AWAY : "", isAway && (() => this.refresh()));
    this.update();
  }

  say(text, again) {
    const { tag, button } = this.kit, link = this.card.link();
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

  // The kernel takes the cards back: all that was answered, as text.
  ended() {
    this.isEnded = true;
    clearTimeout(this.timer);
    this.root.classList.add("gofigr-ended");
    this.box.readOnly = true;
    if (!this.box.value) this.box.closest(".gofigr-writing").remove();
    this.standing.remove();
    this.suggested.remove();
    this.root.querySelectorAll("button").forEach((one) => one.remove());
    this.say(ENDED);
    return this.root;
  }
}
