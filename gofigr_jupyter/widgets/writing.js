// A box to write in: Markdown, Ctrl+Enter, and names after an @. Part of thread.py's module.

const LONGEST = 20000; // characters
const IS_MAC = /Mac|iP(hone|ad)/.test(navigator.platform);
const NAMING = /(?:^|[^\p{L}\p{N}_.@+/-])@([\p{L}\p{N}_.+-]{1,40})$/u;
const NAME = /^[\p{L}\p{N}_.@+-]+$/u; // what the server takes for a name after an @
let boxes = 0;

// `send` takes the text and returns, perhaps later, what went wrong; `draft` is under what name it is kept meanwhile.
function writing(thread, { label, act, draft, send, cancel, mayPin, text = "" }) {
  const { tag, button } = thread.kit;
  const box = tag("textarea", "box");
  box.rows = 2;
  box.maxLength = LONGEST;
  box.placeholder = box.ariaLabel = label;
  box.dir = "auto";
  box.value = thread.drafts.get(draft) ?? text;
  const names = naming(thread, box);
  const trouble = tag("span", "unsent");
  trouble.role = "status";
  let isSending = false;

  const submit = async () => {
    const written = box.value;
    show(false);
    if (go.disabled || isSending) return;
    isSending = true;
    const problem = await send(written, pin.anchor);
    isSending = false;
    trouble.textContent = problem ?? "";
    if (problem) return;
    pin.set(null);
    if (box.value === written) set("");
  };
  const set = (value) => {
    box.value = value;
    box.dispatchEvent(new Event("input"));
  };
  const seen = previewing(thread, box, () => submit());
  const { show } = seen, pin = pinning(thread, box, trouble);
  const go = button("form gofigr-go", "", submit, act);
  go.update = () => {
    go.disabled = !box.value.trim() || !!thread.isAway;
    go.title = thread.isAway ? "The kernel does not answer" : "";
    seen.button.disabled = go.disabled;
  };
  box.addEventListener("input", () => {
    box.value ? thread.drafts.set(draft, box.value) : thread.drafts.delete(draft);
    go.update();
    names.look();
  });
  box.addEventListener("keydown", (event) => {
    event.stopPropagation(); // the notebook has shortcuts of its own
    if (event.isComposing || names.press(event)) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      submit();
    }
    if (event.key === "Escape") cancel?.();
  });
  box.addEventListener("blur", () => names.close());
  go.update();

  const hint = tag("span", "hint", `Markdown, @name, ${IS_MAC ? "⌘" : "Ctrl"}+Enter to send`);
  const row = tag("div", "row", go, seen.button, ...(mayPin ? [pin.button] : []), ...(cancel ? [button("form", "", cancel, "Cancel")] : []), trouble, hint);
  const node = tag("div", "writing", box, seen.node, names.node, row);
  const add = (more) => {
    show(false);
    set(box.value.trim() ? `${box.value}\n\n${more}` : more);
    box.focus({ preventScroll: true });
  };
  return { node, box, add };
}

// The button that gives what is written a point of the picture, and takes it away again.
function pinning(thread, box, trouble) {
  const pin = { anchor: undefined };
  pin.set = (anchor) => {
    pin.anchor = anchor ?? undefined;
    pin.button.ariaPressed = !!anchor;
    pin.button.textContent = anchor ? "Pinned" : "Pin";
  };
  pin.button = thread.kit.button("form gofigr-pinner", "", async () => {
    if (pin.anchor) return pin.set(null);
    const anchor = await thread.pins.place();
    trouble.textContent = anchor === undefined ? "There is no picture above." : "";
    pin.set(anchor);
    box.focus({ preventScroll: true });
  });
  pin.set(null);
  return pin;
}

// What the text will look like, in the place of the box; the kernel renders it as the server will.
function previewing(thread, box, submit) {
  const { tag, button } = thread.kit;
  const node = tag("div", "body gofigr-preview");
  node.dir = "auto";
  node.role = "region";
  node.ariaLabel = "Preview";
  node.hidden = true;
  const render = async () => {
    const written = box.value, { html, problem } = await thread.ask({ do: "preview", text: written });
    if (node.hidden || written !== box.value) return;
    node.replaceChildren(html === undefined ? tag("p", "faint", `No preview: ${problem}.`) : sifted(html));
  };
  const show = (isSeen) => {
    if (node.hidden !== isSeen) return;
    node.hidden = !isSeen;
    box.hidden = isSeen;
    toggle.textContent = isSeen ? "Write" : "Preview";
    node.replaceChildren();
    if (!isSeen) return box.focus({ preventScroll: true });
    toggle.focus({ preventScroll: true });
    render();
    if (box.value.includes("@")) thread.people().then(render); // names are marked once it is known who can see the figure
  };
  const toggle = button("form", "", () => show(node.hidden), "Preview");
  toggle.addEventListener("keydown", (event) => {
    if (node.hidden) return;
    if (event.key === "Escape") show(false);
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      submit();
    }
  });
  return { node, button: toggle, show };
}

// The list of people under a box, for the name that is being typed; the focus stays in the box.
function naming(thread, box) {
  const { tag } = thread.kit, node = tag("ul", "naming");
  node.role = "listbox";
  node.id = `gofigr-naming-${(boxes += 1)}`;
  node.ariaLabel = "People who can see this figure";
  node.hidden = true;
  box.setAttribute("aria-autocomplete", "list");
  box.setAttribute("aria-controls", node.id);
  let turn = 0, start = 0, at = 0, found = [];

  const close = () => {
    turn += 1;
    node.hidden = true;
    box.removeAttribute("aria-activedescendant");
  };
  const mark = (index) => {
    at = (index + found.length) % found.length;
    [...node.children].forEach((option, i) => (option.ariaSelected = i === at));
    box.setAttribute("aria-activedescendant", node.children[at].id);
    node.children[at].scrollIntoView({ block: "nearest" });
  };
  const choose = ({ user }) => {
    box.setRangeText(`${user} `, start, box.selectionStart, "end");
    close();
    box.dispatchEvent(new Event("input"));
  };
  const option = (person, index) => {
    const { user, who } = person, one = tag("li", "person", tag("b", "", user), who && who !== user ? ` ${who}` : "");
    one.role = "option";
    one.id = `${node.id}-${index}`;
    one.addEventListener("pointerdown", (event) => {
      event.preventDefault(); // the focus stays where it is
      choose(person);
    });
    return one;
  };
  const look = async () => {
    const written = NAMING.exec(box.value.slice(0, box.selectionStart))?.[1].toLowerCase(), mine = (turn += 1);
    if (!written) return close();
    const people = await thread.people();
    if (mine !== turn) return; // typed on meanwhile
    const begins = (name) => name.toLowerCase().startsWith(written);
    found = people.filter(({ user, who = "" }) => NAME.test(user) && (begins(user) || who.split(" ").some(begins))).slice(0, 8);
    start = box.selectionStart - written.length;
    if (!found.length) return close();
    node.replaceChildren(...found.map(option));
    node.hidden = false;
    mark(0);
  };
  // Whether a key was meant for the list.
  const press = (event) => {
    if (node.hidden) return false;
    const { key } = event;
    if (key === "ArrowDown" || key === "ArrowUp") mark(at + (key === "ArrowDown" ? 1 : -1));
    else if ((key === "Enter" || key === "Tab") && !event.ctrlKey && !event.metaKey) choose(found[at]);
    else if (key === "Escape") close();
    else return false;
    event.preventDefault();
    return true;
  };
  return { node, look, press, close };
}
