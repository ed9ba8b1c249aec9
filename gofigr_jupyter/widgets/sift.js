// HTML of others, of which only harmless parts are made anew, and times in the reader's words. Part of thread.py's module.

const KEPT = new Set("blockquote br code del em hr li ol p pre s span strong table tbody td th thead tr ul".split(" "));
const DROPPED = new Set(
  ("audio base button canvas dialog embed form frame frameset iframe input link math meta noembed noframes noscript object "
    + "option picture plaintext portal script select style svg template textarea title video xmp").split(" "),
);
const HEADING = /^h[1-6]$/;
const NEUTRAL = /[\u202a-\u202e\u2066-\u2069]/g; // would show text in another order than it has
const MOST = 20000; // nodes
const DEEP = 60;

// A fragment in which nothing runs and nothing loads by itself: parsed apart, then built from names and texts alone.
function sifted(html) {
  const out = document.createDocumentFragment();
  let left = MOST;
  const copy = (from, to, depth) => {
    for (const node of from.childNodes) {
      if ((left -= 1) < 0) return;
      if (node.nodeType === Node.TEXT_NODE) to.append(node.data.replace(NEUTRAL, ""));
      if (node.nodeType !== Node.ELEMENT_NODE || DROPPED.has(node.localName)) continue;
      const made = depth < DEEP ? remade(node) : null;
      copy(node, made ?? to, depth + 1);
      if (made) to.append(made);
    }
  };
  copy(new DOMParser().parseFromString(String(html), "text/html").body, out, 0);
  return out;
}

// An element like this one, without any attribute of its own; null where only what is in it is kept.
function remade(node) {
  const name = node.localName;
  if (name === "a") return linkLike(node);
  if (HEADING.test(name)) return classed("p", "heading");
  if (!KEPT.has(name)) return null;
  if (name === "span") return node.className === "mention" ? classed("span", "mention") : document.createElement("span");
  const made = document.createElement(name), start = Number.parseInt(node.getAttribute("start"), 10);
  if (name === "ol" && start >= 0 && start < 1e9) made.start = start;
  return made;
}

function classed(name, className) {
  const made = document.createElement(name);
  made.className = `gofigr-${className}`;
  return made;
}

function linkLike(node) {
  let url;
  try {
    url = new URL(node.getAttribute("href")); // whole addresses only: others would lead into the notebook
  } catch {
    return document.createElement("span");
  }
  if (!["http:", "https:", "mailto:"].includes(url.protocol)) return document.createElement("span");
  const made = classed("a", "link");
  made.href = made.title = url.href;
  made.target = "_blank";
  made.rel = "noopener noreferrer nofollow ugc";
  return made;
}

const AGO = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });

// "5 minutes ago", "yesterday", "3 May"; nothing for what is no time.
function when(iso) {
  const then = new Date(iso), seconds = (Date.now() - then) / 1000;
  if (Number.isNaN(seconds)) return "";
  if (seconds < 45) return AGO.format(0, "second");
  if (seconds < 45 * 60) return AGO.format(-Math.max(1, Math.round(seconds / 60)), "minute");
  if (seconds < 22 * 3600) return AGO.format(-Math.max(1, Math.round(seconds / 3600)), "hour");
  if (seconds < 6.5 * 86400) return AGO.format(-Math.max(1, Math.round(seconds / 86400)), "day");
  const isThisYear = then.getFullYear() === new Date().getFullYear();
  return then.toLocaleDateString(undefined, { day: "numeric", month: "short", ...(isThisYear ? {} : { year: "numeric" }) });
}

function moment(iso) {
  const then = new Date(iso);
  return Number.isNaN(then.getTime()) ? "" : then.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
}
