// One comment of a thread, drawn anew only where it has changed, so that nobody loses the focus. Part of thread.py's module.

const DEEPEST = 4; // replies further down stand beside what they answer
const EMOJIS = ["👍", "👎", "❤️", "🎉", "😄", "😕", "🤔", "👀", "🚀", "✅", "❓", "💡"];

class Entry {
  constructor(thread, face) {
    const { tag, button } = thread.kit;
    this.thread = thread;
    this.who = tag("b", "who");
    this.who.dir = "auto";
    this.user = tag("span", "user");
    this.time = tag("time", "at");
    this.mark = tag("span", "marked");
    this.body = tag("div", "body");
    this.body.dir = "auto";
    this.chips = tag("span", "chips");
    this.deeds = tag("span", "deeds");
    this.under = tag("div", "under");
    this.replies = tag("ol", "entries gofigr-replies");
    this.replies.role = "list";
    this.replies.ariaLabel = "Replies";
    this.point = button("point", "", () => {});
    const shine = (isOn) => () => thread.pins.light(this.face.id, isOn);
    for (const [name, isOn] of [["pointerenter", true], ["focus", true], ["pointerleave", false], ["blur", false]]) {
      this.point.addEventListener(name, shine(isOn));
    }
    const byline = tag("div", "byline", this.who, this.user, this.time, this.mark, this.point);
    this.said = tag("div", "said", byline, this.body, tag("div", "row", this.chips, this.deeds), this.under);
    this.node = tag("li", "entry", this.said, this.replies);
    this.node.tabIndex = -1;
    this.node.entry = this;
    this.draw(face);
  }

  draw(face) {
    const before = this.face ?? {}, has = (...names) => names.some((name) => !same(before[name], face[name]));
    const isNew = !this.face;
    this.face = face;
    this.key = face.state ? "~" : face.at;
    if (isNew || has("who", "user")) this.drawName();
    if (isNew || has("at")) this.drawTime();
    if (isNew || has("html", "text", "deleted", "machine", "why")) this.drawBody();
    if (isNew || has("anchor", "deleted")) this.drawAnchor();
    if (isNew || has("reactions", "deleted")) this.drawChips();
    if (isNew || has("own", "deleted", "machine", "state", "edited")) this.drawDeeds();
    if (isNew || has("state", "problem")) this.drawState();
  }

  drawName() {
    const { who, user } = this.face;
    this.who.textContent = who || user || "Somebody";
    this.user.textContent = user && user !== who ? `@${user}` : "";
  }

  drawTime() {
    this.time.dateTime = this.face.at ?? "";
    this.time.textContent = when(this.face.at);
    this.time.title = moment(this.face.at);
  }

  drawBody() {
    const { html, text, deleted, machine, why } = this.face, { tag } = this.thread.kit;
    const told = deleted ? "This comment was deleted." : machine === "pending" ? "An answer is on its way…"
      : machine === "failed" && !html ? `No answer could be given${why ? `: ${why}` : "."}` : null;
    this.body.replaceChildren(told ? tag("p", "faint", told) : html ? sifted(html) : tag("p", "plain", text ?? ""));
  }

  // What is said of the point that it is about; the pins know.
  drawAnchor(words = "") {
    const told = this.face.deleted ? "" : words;
    if (this.point.textContent !== told) this.point.textContent = told;
    this.point.hidden = !told;
  }

  // Of an earlier revision; 0 is one whose number is not known.
  get isOlder() {
    return this.face.revision !== undefined;
  }

  drawChips() {
    const { reactions = [], deleted } = this.face, { tag, button } = this.thread.kit;
    const had = [...this.chips.children].find((chip) => chip === document.activeElement)?.dataset.emoji;
    this.chips.replaceChildren(...(deleted || this.isOlder ? [] : reactions).map(([emoji, count, mine, names]) => {
      const more = count > names.length ? ` and ${count - names.length} more` : "";
      const chip = button("chip", `${emoji} ${names.join(", ")}${more}`, () => this.react(emoji, !mine), emoji, tag("span", "", `${count}`));
      chip.dataset.emoji = emoji;
      chip.ariaPressed = !!mine;
      return chip;
    }));
    if (had) [...this.chips.children].find((chip) => chip.dataset.emoji === had)?.focus({ preventScroll: true });
  }

  drawDeeds() {
    const { own, deleted, machine, state, edited, revision } = this.face, { isOlder } = this;
    this.mark.textContent = [isOlder && (revision ? `revision ${revision}` : "an earlier revision"), machine && "machine", edited && !deleted && "edited", state === "sending" && "sending…", state === "waiting" && "waiting to be sent"]
      .filter(Boolean).join(" · ");
    const deed = (label, act) => this.thread.kit.button("deed", "", act, label);
    const isStill = deleted || state || isOlder || machine === "pending";
    if (isStill && this.under.childElementCount && !this.isInUse()) this.under.replaceChildren();
    const had = this.deeds.contains(document.activeElement) ? document.activeElement.textContent : "";
    const waits = state === "waiting" ? [deed("Take back", () => this.thread.discard(this.face))] : [];
    this.deeds.replaceChildren(...(isStill ? waits : [
      deed("React", () => this.pick()),
      deed("Reply", () => this.reply()),
      ...(this.thread.hasMachine && !machine ? [deed("AI reply", () => this.askMachine())] : []),
      ...(own ? [deed("Edit", () => this.edit()), deed("Delete", () => this.remove())] : []),
    ]));
    if (had) this.focusOn(had);
  }

  drawState() {
    const { state, problem, text } = this.face, { thread } = this, { tag, button } = thread.kit;
    this.said.classList.toggle("gofigr-sent", state === "sending" || state === "waiting");
    this.said.classList.toggle("gofigr-failed", state === "failed");
    if (state !== "failed") return this.under.querySelector(".gofigr-unsent")?.remove();
    const trouble = tag("div", "unsent", tag("span", "", `Not sent: ${problem}.`), " ");
    trouble.role = "status";
    trouble.append(
      button("form", "", () => thread.deliver({ ...this.face, problem: undefined }), "Try again"), " ",
      button("form", "", () => {
        thread.writing.add(text);
        thread.discard(this.face);
      }, "Change"),
    );
    this.under.replaceChildren(trouble);
  }

  // ---------------------------------------------------------------- deeds

  focusOn(label) {
    [...this.deeds.children].find((deed) => deed.textContent === label)?.focus({ preventScroll: true });
  }

  // Opens something under the comment; the same again closes it.
  toggle(what, make) {
    const isThere = this.under.dataset.what === what && this.under.childElementCount;
    this.shut();
    if (isThere) return;
    this.under.dataset.what = what;
    this.thread.release();
    make();
  }

  shut(label) {
    this.under.replaceChildren();
    this.under.dataset.what = "";
    this.body.hidden = false;
    if (label) this.focusOn(label);
  }

  trouble(text) {
    const note = this.thread.kit.tag("div", "unsent", `${text}.`);
    note.role = "status";
    this.under.replaceChildren(note);
  }

  pick() {
    this.toggle("pick", () => {
      const { tag, button } = this.thread.kit, mine = new Set((this.face.reactions ?? []).filter((one) => one[2]).map((one) => one[0]));
      const group = tag("div", "picker", ...EMOJIS.map((emoji) => {
        const one = button("emoji", "", () => {
          this.shut("React");
          this.react(emoji, !mine.has(emoji));
        }, emoji);
        one.ariaPressed = mine.has(emoji);
        return one;
      }));
      group.role = "group";
      group.ariaLabel = "Reactions";
      group.addEventListener("keydown", (event) => {
        if (event.key === "Escape") this.shut("React");
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key], all = [...group.children];
        if (step) all.at((all.indexOf(document.activeElement) + step) % all.length)?.focus();
      });
      this.under.replaceChildren(group);
      group.firstChild.focus({ preventScroll: true });
    });
  }

  async react(emoji, on) {
    const { problem } = await this.thread.ask({ do: "react", id: this.face.id, emoji, on });
    if (problem) this.trouble(problem);
  }

  reply() {
    this.toggle("reply", () => {
      const { id, who } = this.face;
      this.write({ label: `Reply to ${who}`, act: "Reply", draft: `reply ${id}`, back: "Reply", mayPin: true, send: (text, anchor) => {
        this.shut();
        this.thread.send(text, id, anchor);
      } });
    });
  }

  // Where the machine is somebody else's, what would be sent and to whom is shown before anything is.
  askMachine() {
    this.toggle("machine", async () => {
      const { tag, button } = this.thread.kit, { id } = this.face;
      const order = async (agreed) => {
        this.under.replaceChildren(tag("div", "asking", "Asking…"));
        const answer = await this.thread.ask({ do: "answer", id, agreed }, BUSY);
        if (this.under.dataset.what !== "machine") return;
        if (answer.problem) return this.trouble(`No answer: ${answer.problem}`);
        answer.to ? consent(answer) : this.shut("AI reply");
      };
      const consent = ({ to, engine, text, picture }) => {
        const send = button("form", "", () => order(true), "Send"), keep = button("form", "", () => this.shut("AI reply"), "Do not send");
        const what = tag("details", "sends", tag("summary", "", "What is sent"), tag("pre", "", text));
        const asked = tag("span", "", `The comment${picture ? ", the figure's picture" : ""} and the facts of this figure go to `, tag("b", "", to), `${engine && ` (${engine})`}. `);
        this.under.replaceChildren(tag("div", "asking", asked, send, " ", keep, what));
        keep.focus({ preventScroll: true });
        this.under.scrollIntoView({ block: "nearest" });
      };
      await order(false);
    });
  }

  edit() {
    this.toggle("edit", () => {
      const { id, text } = this.face;
      this.body.hidden = true;
      this.write({ label: "Change your comment", act: "Save", draft: `edit ${id}`, text, back: "Edit", send: async (changed) => {
        const { problem } = await this.thread.ask({ do: "edit", id, text: changed }, BUSY);
        if (!problem) this.shut("Edit");
        return problem && `Not saved: ${problem}.`;
      } });
    });
  }

  write({ back, ...options }) {
    const made = writing(this.thread, { ...options, cancel: () => this.shut(back) });
    this.under.replaceChildren(made.node);
    made.box.focus({ preventScroll: true });
    made.node.scrollIntoView({ block: "nearest" });
  }

  remove() {
    this.toggle("remove", () => {
      const { tag, button } = this.thread.kit;
      const keep = button("form", "", () => this.shut("Delete"), "Keep it");
      const away = button("form", "", async () => {
        away.disabled = true;
        const { problem } = await this.thread.ask({ do: "delete", id: this.face.id });
        problem ? this.trouble(`Not deleted: ${problem}`) : this.shut();
      }, "Delete");
      this.under.replaceChildren(tag("div", "asking", tag("span", "", "Delete this comment?"), " ", away, " ", keep));
      keep.focus({ preventScroll: true });
    });
  }

  isInUse() {
    return !!this.under.querySelector("textarea")?.value;
  }
}

function same(a, b) {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
