// One question and its answer, drawn anew only where it has changed. Part of insight.js's module.

class Turn {
  constructor(insight, face) {
    const { tag } = insight.kit;
    this.insight = insight;
    this.question = tag("p", "question");
    this.question.dir = "auto";
    this.body = tag("div", "body gofigr-answer");
    this.body.dir = "auto";
    this.code = tag("div", "code");
    this.changes = tag("div", "changes");
    this.by = tag("span", "by");
    this.chips = tag("span", "chips");
    this.chips.role = "group";
    this.chips.ariaLabel = "What it rests on";
    this.shown = tag("div", "shown"); // what a chip has opened
    this.under = tag("div", "under"); // what went wrong, or is asked
    const foot = tag("div", "row gofigr-foot", this.by, this.chips);
    this.node = tag("li", "turn", this.question, this.body, this.code, this.changes, foot, this.shown, this.under);
    this.draw(face);
  }

  draw(face) {
    const before = this.face ?? {}, has = (...names) => names.some((name) => JSON.stringify(before[name]) !== JSON.stringify(face[name]));
    const isNew = !this.face;
    this.face = face;
    if (isNew || has("question")) this.question.textContent = face.question;
    if (isNew || has("html", "state")) this.drawBody();
    if (isNew || has("code")) this.drawCode();
    if (isNew || has("changes")) this.drawChanges();
    if (isNew || has("by", "state")) this.drawBy();
    if (isNew || has("chips")) this.drawChips();
    if (isNew || has("state", "problem", "consent")) this.drawState();
  }

  drawBody() {
    const { html, state } = this.face, isOpen = IS_OPEN.has(state);
    this.body.hidden = !html && !isOpen;
    this.body.classList.toggle("gofigr-coming", isOpen);
    this.body.ariaBusy = isOpen ? "true" : null;
    this.body.replaceChildren(html ? sifted(html) : isOpen ? this.insight.kit.tag("p", "faint", "Looking into the record…") : "");
  }

  drawBy() {
    const { by, state } = this.face;
    this.by.textContent = [by, state === "stopped" && "stopped"].filter(Boolean).join(" · ");
  }

  drawCode() {
    this.code.replaceChildren(...(this.face.code ? this.listing(this.face.code) : []));
  }

  // Code with a button that copies it.
  listing({ text, first = 1, rest }) {
    const { tag, button, icon, copy } = this.insight.kit;
    const told = tag("span", "aside");
    told.role = "status";
    // A tick in the button's place says it: words would lie on the code.
    const copier = button("icon", "Copy the code", async () => {
      const isCopied = await copy(text).then(() => true, () => false);
      copier.focus();
      if (!isCopied) return this.trouble("Copying is not allowed here.");
      told.textContent = "Copied";
      copier.replaceChildren(icon("published"));
      copier.classList.add("gofigr-copied");
      setTimeout(() => {
        told.textContent = "";
        copier.replaceChildren(icon("copy"));
        copier.classList.remove("gofigr-copied");
      }, TICK);
    }, icon("copy"));
    const pre = tag("pre", "", tag("code", "", text));
    pre.tabIndex = 0; // it scrolls
    pre.role = "region";
    pre.ariaLabel = first > 1 ? `Code from line ${first}` : "Code";
    const more = rest ? [tag("p", "faint", `${rest} more lines are on its page.`)] : [];
    return [tag("div", "body gofigr-listing", tag("div", "corner", told, copier), pre, ...more)];
  }

  // A model may leave some out; where the answer itself was computed they are in it.
  drawChanges() {
    const { tag } = this.insight.kit, { changes = [], told } = this.face;
    const groups = changes.flatMap(({ what, lines }) => [tag("dt", "", what), ...lines.map((line) => {
      const one = tag("dd", "", line);
      one.dir = "auto";
      return one;
    })]);
    const all = tag("details", "", tag("summary", "", "All differences, as they were computed"), tag("dl", "", ...groups));
    all.open = !told;
    this.changes.replaceChildren(...(groups.length ? [all] : []));
  }

  // ---------------------------------------------------------------- what it rests on

  drawChips() {
    const { tag, button } = this.insight.kit, { chips = [] } = this.face;
    const had = [...this.chips.children].indexOf(document.activeElement);
    this.chips.replaceChildren(...chips.map((chip) => {
      const { n, kind, label, where, here } = chip, words = where ? `${label}, ${where}` : label;
      const title = here ? `Show ${kind} ${words}` : `Open ${kind} ${words} in a new tab`;
      const one = button("chip", title, (event) => (here ? this.show(one, n) : this.visit(event, n)), tag("span", "kind", kind), tag("bdi", "", words));
      if (here) one.ariaExpanded = false;
      return one;
    }));
    this.chips.children[had]?.focus({ preventScroll: true });
  }

  visit(event, n) {
    const { kit, line, card } = this.insight, request = { ask: "insight", do: "page", id: this.face.id, at: n };
    kit.visit(event, line, request, card.link(), (text) => this.trouble(text));
  }

  async show(chip, n) {
    const { tag, button } = this.insight.kit;
    if (chip.ariaExpanded === "true") return this.shut(chip);
    for (const other of this.chips.children) if (other.ariaExpanded) other.ariaExpanded = false;
    chip.ariaExpanded = true;
    const { code, table, problem } = await this.insight.ask({ do: "show", id: this.face.id, at: n });
    if (chip.ariaExpanded !== "true") return; // closed meanwhile
    const page = button("form", "", (event) => this.visit(event, n), "Open its page");
    const found = code ? this.listing(code) : table ? this.rows(table) : [tag("p", "faint", `${problem}.`)];
    this.shown.replaceChildren(...found, page);
    this.shown.onkeydown = chip.onkeydown = (event) => event.key === "Escape" && this.shut(chip);
    this.shown.scrollIntoView({ block: "nearest" });
  }

  shut(chip) {
    chip.ariaExpanded = false;
    this.shown.replaceChildren();
    chip.focus({ preventScroll: true });
  }

  rows({ columns = [], rows = [], cut }) {
    const { tag } = this.insight.kit, cell = (kind) => (text) => tag(kind, "", text);
    const table = tag("table", "", tag("thead", "", tag("tr", "", ...columns.map(cell("th")))),
      tag("tbody", "", ...rows.map((row) => tag("tr", "", ...row.map(cell("td"))))));
    const place = tag("div", "body gofigr-rows", table, ...(cut ? [tag("p", "faint", "More rows are on its page.")] : []));
    place.tabIndex = 0; // it scrolls
    place.role = "region";
    place.ariaLabel = "Rows of the table";
    return [place];
  }

  // ---------------------------------------------------------------- what went wrong, or is asked

  drawState() {
    const { state, problem, consent } = this.face;
    this.node.dataset.state = state;
    if (state === "failed") this.under.replaceChildren(this.failed(problem));
    else if (state === "consent" && consent) this.under.replaceChildren(this.asking(consent));
    else this.under.replaceChildren();
  }

  trouble(text) {
    const { tag } = this.insight.kit, note = tag("div", "unsent", text);
    note.role = "status";
    if (text) this.under.replaceChildren(note);
  }

  failed(problem) {
    const { tag, button } = this.insight.kit, { question, deed, id } = this.face;
    const told = tag("div", "unsent", tag("span", "", `${problem ?? "No answer came"}.`), " ");
    told.role = "status";
    told.append(
      button("form", "", () => this.insight.send(question, deed, id), "Ask again"), " ",
      button("form", "", () => this.insight.takeBack(this), deed === "ask" ? "Change" : "Remove"),
    );
    return told;
  }

  // Nothing has been sent: what would be, and to whom.
  asking({ to, model, size, text, picture }) {
    const { tag, button } = this.insight.kit, { question, deed, id } = this.face;
    const agree = button("form gofigr-go", "", () => this.insight.send(question, deed, id, true), "Agree and ask");
    const not = button("form", "", () => this.insight.takeBack(this), "Not now");
    const seen = tag("pre", "", text);
    seen.tabIndex = 0; // it scrolls
    seen.role = "region";
    seen.ariaLabel = "What would be sent";
    const more = tag("details", "", tag("summary", "", `See all that would be sent (${size} of text, ${picture ? "and the picture" : "no picture"})`), seen);
    const asked = tag("div", "consent",
      tag("p", "", `To answer this, the server sends your question${picture ? ", the figure's picture" : ""} and what it knows of this figure to `, tag("b", "", to), `, model ${model}. `,
        "So far nothing was sent. If you agree, it holds for this server and model until the kernel ends; what was asked and answered before goes along."),
      more, tag("div", "row", agree, not));
    asked.role = "group";
    asked.ariaLabel = "What would leave this machine";
    more.addEventListener("toggle", () => asked.scrollIntoView({ block: "nearest" })); // what can be answered stays in sight
    asked.tabIndex = -1; // gets the focus itself: no key that was meant for the question may agree
    asked.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.insight.takeBack(this);
    });
    return asked;
  }
}
