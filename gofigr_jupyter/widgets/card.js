// Brings the HTML of the cards in this page to life. In: faces (words, ready to be shown) from the kernel, by key.
// Out: DOM, built from text alone. STYLE, the text of card.css, is appended by live.py.

const ICONS = {
  saved: "M3 2.5h8l2.5 2.5v8.5h-11v-11zM5.5 2.5v3.5h4.5v-3.5M5 13.5v-4.5h6v4.5",
  uploading: "M8 11V3M4.8 6 8 2.8 11.2 6M2.8 13.2h10.4",
  published: "M3 8.5 6.5 12 13 4.5",
  waiting: "M8 2a6 6 0 1 0 0 12a6 6 0 1 0 0-12M8 4.8V8l2.2 1.6",
  failed: "M8 2.2 14.5 13.5h-13zM8 6.5v3.2M8 11.6v.1",
  unchanged: "M3.5 6h9M3.5 10h9",
  copy: "M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z",
  download: "M8 2.5v7.5M4.8 7 8 10.2 11.2 7M2.8 13.5h10.4",
  thread: "M2.5 3h11v7.5H7.5L4.5 13v-2.5h-2z",
  insight: "M7 2 8.4 6.1 12.5 7.5 8.4 8.9 7 13 5.6 8.9 1.5 7.5 5.6 6.1zM12.3 10.3v4M10.3 12.3h4",
};
ICONS.complete = ICONS.published;

const SVG = "http://www.w3.org/2000/svg";
const PATIENCE = 2000; // ms that a click waits for a kernel that says nothing, before the plain link has to do
const TRUST = 15000; // ms that it waits for one that has heard it
const SILENT = "The kernel did not answer; try again when it is free";

function icon(name) {
  const svg = document.createElementNS(SVG, "svg"), path = document.createElementNS(SVG, "path");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", ICONS[name] ?? ICONS.saved);
  svg.append(path);
  return svg;
}

function tag(name, className, ...children) {
  const element = document.createElement(name);
  if (className) element.className = `gofigr-${className}`;
  element.append(...children);
  return element;
}

function button(className, label, click, ...children) {
  const element = tag("button", className, ...children);
  element.type = "button";
  if (label) element.title = element.ariaLabel = label;
  element.addEventListener("click", click);
  return element;
}

function webLink(link) {
  return /^https?:\/\//i.test(link ?? "") ? link : null;
}

// Asks the kernel and resolves to its answer, or to undefined when none comes in time.
function ask({ model, key }, request, patience, trust = TRUST) {
  const n = Math.random().toString(36).slice(2);
  return new Promise((resolve) => {
    let timer = setTimeout(finish, patience);
    const hear = (message) => {
      if (message.n !== n) return;
      if (message.answer) return finish(message.answer);
      clearTimeout(timer);
      timer = setTimeout(finish, trust);
    };
    function finish(answer) {
      clearTimeout(timer);
      model.off("msg:custom", hear);
      resolve(answer);
    }
    model.on("msg:custom", hear);
    try {
      model.send({ ...request, key, n });
    } catch {
      finish();
    }
  });
}

// The tab opens at the click itself, for pop-up blockers refuse it later; where it goes is known when the kernel answers.
// With no tab to be had (some editors), the browser follows the element's own plain link.
async function visit(event, line, request, plainLink, say) {
  const tab = window.open("", "_blank");
  if (!tab) return say(plainLink ? "" : "The browser did not let a new tab open");
  event.preventDefault();
  tab.opener = null;
  const answer = await ask(line, request, PATIENCE);
  const url = webLink(answer?.url) ?? webLink(plainLink);
  if (url) {
    tab.location.replace(url);
    // A download leaves the tab blank; a page, even one that says what went wrong, cannot be read from here and stays.
    if (request.ask === "download") setTimeout(() => closeIfBlank(tab), 4000);
  } else {
    tab.close();
    say(answer?.problem ?? SILENT);
  }
}

function closeIfBlank(tab) {
  try {
    if (tab.location.href === "about:blank") tab.close();
  } catch {
    // it shows a page of the server
  }
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch { // no permission, or a page without https
    const area = tag("textarea", "aside");
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    if (!done) throw new Error("not copied");
  }
}

function adopt(text, name) {
  let style = document.head.querySelector(`style[data-gofigr="${name}"]`);
  if (!style) {
    style = tag("style");
    style.dataset.gofigr = name;
    document.head.append(style);
  }
  if (style.textContent !== text) style.textContent = text;
}

// What is opened under a card, by the name of its code.
const PANES = {
  thread: { label: "Comments", opening: "Opening the comments…" },
  insight: { label: "Ask Deep Insight", opening: "Opening Deep Insight…" },
};

// What panes are drawn with; the kernel sends it once to each page, when the first of a kind is wanted.
const codes = {};
function codeOf(line, kind) {
  const code = (codes[kind] ??= (async () => {
    const answer = await ask(line, { ask: kind, do: "code" }, 10000);
    if (!answer?.code) throw new Error(answer?.problem ?? SILENT);
    const url = URL.createObjectURL(new Blob([answer.code], { type: "text/javascript" }));
    return import(url).finally(() => URL.revokeObjectURL(url));
  })());
  code.catch(() => delete codes[kind]);
  return code;
}

// A pointer has come to a card, perhaps on its way to a button: the first click of a page need not wait for the code, nor
// for what the kernel has to import.
let isReady = false;
function makeReady(line) {
  if (isReady) return;
  isReady = true;
  ask(line, { ask: "ready" }, PATIENCE);
  Object.keys(PANES).forEach((kind) => codeOf(line, kind).catch(() => (isReady = false)));
}

// A pane of a card, which outlives the card's element as its memory does: { isOpen, shown: what its code has made }.
function paneOf(line, memory, kind) {
  const pane = memory.panes[kind];
  pane.weaving ??= codeOf(line, kind).then((code) => {
    const place = () => document.getElementsByClassName(`gofigr-key-${line.key}`)[0];
    const kit = { tag, button, icon, ask, visit, copy, webLink, adopt, picture: () => place() && figureAbove(place(), SHOWN) };
    const card = { changed: () => memory.redraw?.(), link: () => webLink(memory.face.link), close: () => memory.toggle?.(kind) };
    return (pane.shown = code.weave(line, kit, card));
  });
  pane.weaving.catch(() => (pane.weaving = undefined));
  return pane.weaving;
}

function memoryOf(face) {
  return { face, panes: Object.fromEntries(Object.keys(PANES).map((kind) => [kind, {}])) };
}

// One live card in `el`. `line` is { model, key }; `memory` outlives the element, for notebooks draw outputs anew.
function build(el, line, memory) {
  const heard = tag("span", "aside"), note = tag("span", "note");
  heard.role = "status";
  let silence;
  const say = (text) => {
    heard.textContent = note.textContent = text;
    clearTimeout(silence);
    silence = setTimeout(() => (heard.textContent = note.textContent = ""), 4000);
  };

  const name = tag("b", "name"), facts = tag("span", "facts"), mark = tag("span", "mark"), link = tag("a", "link");
  const cdn = tag("a", "link", "CDN");
  name.dir = "auto";
  for (const one of [link, cdn]) {
    one.target = "_blank";
    one.rel = "noopener noreferrer";
  }
  link.addEventListener("click", (event) => visit(event, line, { ask: "open" }, memory.face.link, say));
  const copier = button("icon", "Copy link", async () => {
    await copy(memory.face.link).then(() => say("Link copied"), () => say("Copying is not allowed here"));
    copier.focus();
  }, icon("copy"));
  const opener = button("icon", "Downloads", () => {
    memory.opened = !memory.opened;
    draw();
  }, icon("download"));
  const doors = Object.fromEntries(Object.keys(PANES).map((kind) => [kind, doorOf(kind)]));

  // The button of a pane, and where it stands. A count, when known, is read while a reader goes for the button: no figure
  // asks the server by being shown.
  function doorOf(kind) {
    const pane = memory.panes[kind], count = tag("span", "count"), place = tag("div", "below");
    const opener = button(`icon gofigr-pane gofigr-to-${kind}`, PANES[kind].label, () => toggle(kind), icon(kind), count);
    const near = () => {
      if (!pane.isNear) paneOf(line, memory, kind).then((shown) => pane.isOpen || shown.look(), () => (pane.isNear = false));
      pane.isNear = true;
    };
    opener.addEventListener("pointerenter", near);
    opener.addEventListener("focus", near);
    return { opener, count, place };
  }

  async function toggle(kind) {
    const pane = memory.panes[kind], { opener, place } = doors[kind];
    pane.isOpen = !pane.isOpen || !pane.shown?.isIn(place);
    draw();
    if (!pane.isOpen) {
      if (!opener.contains(document.activeElement)) opener.focus({ preventScroll: true });
      return pane.shown?.close();
    }
    const slow = setTimeout(() => say(PANES[kind].opening), 300);
    await paneOf(line, memory, kind).then(draw, (error) => {
      pane.isOpen = false;
      draw();
      say(error.message);
    });
    clearTimeout(slow);
    if (pane.isOpen) pane.shown.open(() => document.activeElement === opener);
  }
  const forms = tag("div", "forms"), deeds = tag("div", "forms"), trouble = tag("div", "trouble");
  forms.role = "group";
  forms.ariaLabel = "Download";
  trouble.role = "status";
  const row = tag("div", "line", mark, name, facts, tag("span", "tools", ...Object.values(doors).map((door) => door.opener), link, copier, cdn, opener), note);
  const card = tag("section", "card", row, trouble, forms, deeds, ...Object.values(doors).map((door) => door.place), heard);
  card.addEventListener("pointerenter", () => memory.face.thread && makeReady(line));
  card.dataset.lmSuppressShortcuts = "true"; // Enter and Space belong to the card's buttons, not to the notebook

  function drawForms({ downloads = [], missing = [], asks, name }) {
    const shown = JSON.stringify([downloads, missing, asks]);
    if (forms.dataset.shown === shown) return;
    forms.dataset.shown = shown;
    const buttons = downloads.map(([label, id, size]) => button("form", `Download ${name} as ${label}, ${size}`, (event) =>
      visit(event, line, { ask: "download", id }, null, say), label, tag("span", "size", size)));
    if (asks) {
      buttons.push(button("form", "", async () => {
        const answer = await ask(line, { ask: "inputs" }, 10000);
        say(answer ? answer.problem ?? "They go out now" : SILENT);
      }, asks));
    }
    forms.replaceChildren(...buttons, ...missing.map((text) => tag("span", "missing", text)));
  }

  // Made again beside the kernel; how far that is and what came of it is told among the facts.
  const again = button("form", "", async () => {
    const answer = await ask(line, { ask: "verify" }, 10000);
    say(answer ? answer.problem ?? "Being made again" : SILENT);
  }, "Make again");
  const copyCdn = button("form", "", () =>
    copy(memory.face.cdn).then(() => say("Address copied"), () => say("Copying is not allowed here")), "Copy CDN address");
  deeds.append(again, copyCdn);

  function drawTrouble({ state, problem, advice }) {
    const shown = JSON.stringify([state, problem, advice]);
    if (trouble.dataset.shown === shown) return;
    trouble.dataset.shown = shown;
    trouble.hidden = !problem && state !== "failed";
    trouble.replaceChildren(...[problem, advice].filter(Boolean).map((text) => tag("span", "", text)));
    if (state === "failed") {
      const again = button("form", "", async () => {
        again.disabled = true;
        const answer = await ask(line, { ask: "retry" }, 10000);
        again.disabled = false;
        say(answer ? answer.problem ?? "Trying again" : SILENT);
      }, "Try again");
      trouble.append(again);
    }
  }

  // What is published can be talked about.
  function drawPane(kind, face) {
    const { shown, isOpen } = memory.panes[kind], { opener, count, place } = doors[kind], { label } = PANES[kind];
    opener.hidden = !face.thread && !shown;
    opener.ariaExpanded = !!isOpen;
    count.textContent = shown?.count || "";
    opener.title = opener.ariaLabel = shown?.count === undefined ? label : `${label} (${shown.count})`;
    if (!isOpen || !shown) place.replaceChildren();
    else if (!shown.isIn(place)) shown.put(place);
  }

  function draw() {
    const { face } = memory, url = webLink(face.link), many = face.downloads?.length || face.missing?.length || face.asks || face.verify || face.cdn;
    card.dataset.state = face.state;
    card.ariaLabel = `Published figure ${face.name}`;
    mark.replaceChildren(icon(face.state));
    name.textContent = name.title = face.name;
    const told = [face.revision, face.said, ...(face.facts ?? [])].filter(Boolean);
    facts.replaceChildren(...told.flatMap((text, i) => [i ? " · " : "", tag("span", text === face.said && "said", text)]));
    link.hidden = copier.hidden = !url;
    if (url) link.href = url;
    link.textContent = face.short ?? "Open";
    link.title = face.label ?? "";
    link.ariaLabel = `Open the page of ${face.name} in a new tab`;
    cdn.hidden = copyCdn.hidden = !webLink(face.cdn);
    if (!cdn.hidden) cdn.href = cdn.title = face.cdn;
    cdn.ariaLabel = `Open the picture of ${face.name} on the CDN in a new tab`;
    again.hidden = !face.verify;
    opener.hidden = !many;
    opener.ariaExpanded = !!memory.opened;
    forms.hidden = !many || !memory.opened;
    deeds.hidden = (!face.verify && cdn.hidden) || !memory.opened;
    again.title = again.ariaLabel = `Make ${face.name} again from its code, and compare`;
    Object.keys(PANES).forEach((kind) => drawPane(kind, face));
    card.classList.toggle("gofigr-talking", Object.values(memory.panes).some(({ isOpen, shown }) => isOpen && shown));
    if (!forms.hidden) drawForms(face);
    drawTrouble(face);
    shown.face = face;
  }

  // What the kernel-less page shows, to be put back when the kernel goes.
  const still = [...el.childNodes], style = el.getAttribute("style") ?? "";
  const shown = { draw, face: null, restore() {
    clearTimeout(silence);
    const open = Object.entries(doors).filter(([kind, { place }]) => memory.panes[kind].shown?.isIn(place));
    const said = open.map(([kind]) => memory.panes[kind].shown.ended());
    el.replaceChildren(...still, ...(said.length ? [tag("section", "card gofigr-talking", ...said)] : []));
    el.setAttribute("style", style);
  } };
  el.removeAttribute("style");
  el.replaceChildren(card);
  memory.redraw = draw;
  memory.toggle = toggle;
  draw();
  return shown;
}

// Watches the page for cards of this kernel, until the returned function is called; then the static HTML stands again.
export function start(model, early) {
  const memories = new Map(); // by key
  const cards = new WeakMap(); // by element; elements come and go as outputs are drawn anew
  adopt(STYLE, "card");

  function bring(el) {
    const key = /gofigr-key-(\w+)/.exec(el.className)?.[1], memory = memories.get(key);
    if (!memory || (el.gofigr && !cards.has(el))) return; // another kernel's, or of an earlier session
    if (!cards.has(el)) {
      cards.set(el, (el.gofigr = build(el, { model, key }, memory)));
    } else if (el.gofigr.face !== memory.face) {
      el.gofigr.draw();
    }
  }

  function scan(within) {
    for (const el of within.getElementsByClassName("gofigr-live")) bring(el);
  }

  // Only in what is new: a page changes hundreds of times while it opens, and to search all of it each time takes long.
  function look(records) {
    for (const { addedNodes } of records) {
      for (const node of addedNodes) {
        if (node.nodeType !== Node.ELEMENT_NODE) continue;
        if (node.classList.contains("gofigr-live")) bring(node);
        scan(node);
      }
    }
  }

  async function sendPicture(key) {
    const place = () => document.getElementsByClassName(`gofigr-key-${key}`)[0];
    ask({ model, key }, { ask: "picture", data: await pictureAbove(place) }, TRUST);
  }

  const hear = ({ faces, news }) => {
    for (const [key, said] of Object.entries(news ?? {})) memories.get(key)?.panes[said.pane ?? "thread"]?.shown?.hear(said);
    for (const [key, face] of Object.entries(faces ?? {})) {
      memories.has(key) ? (memories.get(key).face = face) : memories.set(key, memoryOf(face));
      const memory = memories.get(key);
      if (face.wants && !memory.isAsked) {
        memory.isAsked = true;
        sendPicture(key);
      }
    }
    if (faces) scan(document);
  };
  // The kernel asks for pictures only when it knows that somebody listens. A first message can wait behind a long cell.
  function hello() {
    try {
      model.send({ ask: "hello" });
    } catch {
      // the line is cut; it is said when it is back
    }
  }
  // A kernel that goes says nothing: where a page tells that the line is cut or back, the panes ask.
  const probe = () => {
    hello();
    memories.forEach(({ panes }) => Object.values(panes).forEach(({ shown }) => shown?.probe()));
  };
  const observer = new MutationObserver(look);
  model.on("comm_live_update", probe);
  model.on("msg:custom", hear);
  observer.observe(document.body, { childList: true, subtree: true });
  early.forEach(hear);
  const hellos = [0, 1000, 4000].map((ms) => setTimeout(hello, ms));
  return () => {
    hellos.forEach(clearTimeout);
    observer.disconnect();
    model.off("comm_live_update", probe);
    model.off("msg:custom", hear);
    for (const el of document.getElementsByClassName("gofigr-live")) {
      cards.get(el)?.restore();
      if (cards.has(el)) delete el.gofigr;
    }
  };
}
