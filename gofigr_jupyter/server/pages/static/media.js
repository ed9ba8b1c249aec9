// The media library: what is dropped or chosen is sent, what has come is shown; folders, keys, and deleting.
// Names are text, never markup; new cards are the server's own, as it makes them for the whole page.
const told = (said, status) =>
  Object.values(said ?? {}).flat().find((one) => typeof one === "string") ?? `The server answered ${status}.`;

const ask = async (method, path, body) => {
  const sent = body ? { headers: { "content-type": "application/json" }, body: JSON.stringify(body) } : {};
  const answer = await fetch(path, { method, credentials: "same-origin", ...sent }).catch(() => null);
  if (!answer) throw new Error("The server cannot be reached.");
  const said = answer.status === 204 ? null : await answer.json().catch(() => null);
  if (!answer.ok) throw new Error(told(said, answer.status));
  return said;
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy-text]");
  if (button) copied(button, button.dataset.copyText);
});

// A small picture that cannot be made, or not now: the whole one may be there.
document.addEventListener("error", ({ target }) => {
  if (!target.dataset?.whole) return;
  target.removeAttribute("srcset");
  target.src = target.dataset.whole;
  delete target.dataset.whole;
}, true);

// The first picture of a film is fetched when it comes into sight.
const near = new IntersectionObserver((seen) => {
  for (const { target, isIntersecting } of seen) {
    if (!isIntersecting) continue;
    target.preload = "metadata";
    near.unobserve(target);
  }
});
const watch = (root) => root.querySelectorAll("[data-near]").forEach((film) => near.observe(film));
watch(document);

// Do something at a button; what went wrong is said beside it.
const doing = (button, deed) => async (event) => {
  event.preventDefault();
  const trouble = button.parentElement.querySelector(".trouble");
  if (trouble) trouble.textContent = "";
  button.disabled = true;
  try {
    await deed();
  } catch (error) {
    if (trouble) trouble.textContent = error.message;
  } finally {
    button.disabled = false;
  }
};

for (const button of document.querySelectorAll("[data-delete]")) {
  button.closest("details").hidden = false;
  button.addEventListener("click", doing(button, async () => {
    await ask("DELETE", button.dataset.delete);
    location.assign(button.dataset.back);
  }));
}

const library = document.getElementById("library");
if (library) {
  const { base, api, workspace, folder } = library.dataset;
  const part = (id) => document.getElementById(id);

  // ---------------------------------------------------------------- what is there now

  let isStale = false;
  let isRenewing = false;
  const renew = async () => {
    const answer = await fetch(location.href, { credentials: "same-origin", cache: "no-store" });
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!answer.ok || !fresh.getElementById("library")) return;
    for (const id of ["count", "folders", "pages", "key-list"]) {
      const now = fresh.getElementById(id);
      if (now && part(id)) part(id).replaceWith(now);
    }
    const [old, now] = [part("files").querySelector("ul"), fresh.querySelector("#files ul")];
    if (!old || !now) return part("files").replaceWith(fresh.getElementById("files"));
    const wanted = new Set([...now.children].map((one) => one.id));
    for (const one of [...old.children]) if (!wanted.has(one.id)) one.remove();
    let at = old.firstElementChild; // what is there stays as it is: a film goes on, the focus stays
    for (const one of [...now.children]) {
      if (at?.id === one.id) at = at.nextElementSibling;
      else {
        old.insertBefore(one, at);
        watch(one);
      }
    }
  };
  const refresh = async () => {
    isStale = true;
    if (isRenewing) return;
    isRenewing = true;
    while (isStale) {
      isStale = false;
      await new Promise((go) => setTimeout(go, 250)); // many come at once
      await renew().catch(() => null);
    }
    isRenewing = false;
  };

  let made = library.dataset.site ? Promise.resolve(library.dataset.site) : null;
  const site = async () => {
    made ??= ask("POST", api, { workspace }).then((one) => one.api_id);
    try {
      return `${api}${await made}/`;
    } catch (error) {
      made = null;
      throw error;
    }
  };

  // ---------------------------------------------------------------- files on their way

  const AT_ONCE = 3;
  const drop = part("drop");
  const waiting = [];
  const count = { all: 0, sent: 0, failed: 0, stopped: 0, running: 0 };

  const said = () => {
    const left = count.all - count.sent - count.failed - count.stopped;
    const parts = [`${count.sent} of ${count.all - count.stopped} ${count.all === 1 ? "file" : "files"} added`];
    if (count.failed) parts.push(`${count.failed} failed`);
    if (left) parts.push(`${left} on the way`);
    part("progress").textContent = parts.join(", ");
    part("coming").hidden = !part("coming").children.length;
  };

  const send = (address, job) => new Promise((sent, failed) => {
    const wire = new XMLHttpRequest(); // fetch tells nothing of what has gone
    job.stop = () => wire.abort();
    wire.upload.addEventListener("progress", ({ loaded, total }) => job.tell(loaded / Math.max(total, 1)));
    wire.addEventListener("load", () => {
      if (wire.status < 300) return sent();
      let answer = null;
      try { answer = JSON.parse(wire.responseText); } catch { /* no words of ours */ }
      failed(new Error(told(answer, wire.status)));
    });
    wire.addEventListener("error", () => failed(new Error("The line broke while the file was sent.")));
    wire.addEventListener("abort", () => failed(null));
    const [, token] = address.split("/cdn/upload/"); // the server may go by another name than it has here
    wire.open("PUT", token ? `${base}/cdn/upload/${token}` : address);
    wire.setRequestHeader("content-type", job.file.type || "application/octet-stream");
    wire.send(job.file);
  });

  const upload = async (job) => {
    count.running += 1;
    try {
      const order = { filename: job.file.name, contentType: job.file.type, size_bytes: job.file.size };
      const ticket = await ask("POST", `${await site()}upload/`, { ...order, folder: job.folder });
      if (job.isStopped) throw null;
      await send(ticket.uploadUrl, job);
      count.sent += 1;
      job.row.remove();
      refresh();
    } catch (error) {
      if (error) {
        count.failed += 1;
        job.fail(error.message);
      }
    }
    count.running -= 1;
    said();
    next();
  };
  const next = () => {
    while (count.running < AT_ONCE && waiting.length) upload(waiting.shift());
  };

  const add = (file, within) => {
    const job = { file, folder: `${folder}${within}`, row: document.createElement("li"), stop: () => null };
    const name = Object.assign(document.createElement("bdi"), { textContent: `${within}/${file.name}`.slice(1) });
    const bar = Object.assign(document.createElement("progress"), { value: 0, max: 1 });
    const button = Object.assign(document.createElement("button"), { type: "button", className: "quiet", textContent: "Cancel" });
    const why = Object.assign(document.createElement("span"), { className: "why" });
    bar.setAttribute("aria-label", file.name);
    button.setAttribute("aria-label", `Cancel ${file.name}`);
    why.setAttribute("role", "alert");
    job.row.append(name, bar, button, why);
    job.tell = (share) => { bar.value = share; };
    job.fail = (reason) => {
      why.textContent = reason;
      bar.hidden = true;
      job.isOver = true;
      button.textContent = "Dismiss";
      button.setAttribute("aria-label", `Dismiss ${file.name}`);
    };
    button.addEventListener("click", () => {
      const at = waiting.indexOf(job);
      if (at >= 0) waiting.splice(at, 1);
      if (!job.isOver) count.stopped += 1;
      job.isStopped = true;
      job.stop();
      (job.row.nextElementSibling ?? job.row.previousElementSibling ?? drop).querySelector("button").focus();
      job.row.remove();
      said();
    });
    part("coming").append(job.row);
    waiting.push(job);
    count.all += 1;
  };
  const begin = () => { said(); next(); };

  const all = (reader) => new Promise((found, failed) => reader.readEntries(found, failed));
  const walk = async (one, within) => {
    if (one instanceof File) return add(one, within);
    if (one.isFile) return add(await new Promise((found, failed) => one.file(found, failed)), within);
    const reader = one.createReader();
    for (let some = await all(reader); some.length; some = await all(reader)) {
      for (const each of some) if (!each.name.startsWith(".")) await walk(each, `${within}/${one.name}`); // .DS_Store
    }
  };

  if (drop) {
    const hasFiles = (event) => [...event.dataTransfer?.types ?? []].includes("Files");
    drop.hidden = false;
    part("new-folder").hidden = false;
    let depth = 0;
    document.addEventListener("dragenter", (event) => {
      if (hasFiles(event)) drop.classList.toggle("over", ++depth > 0);
    });
    document.addEventListener("dragleave", (event) => {
      if (hasFiles(event)) drop.classList.toggle("over", --depth > 0);
    });
    document.addEventListener("dragover", (event) => {
      if (hasFiles(event)) event.preventDefault();
    });
    document.addEventListener("drop", async (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      depth = 0;
      drop.classList.remove("over");
      const items = [...event.dataTransfer.items].filter((one) => one.kind === "file");
      const found = items.map((one) => one.webkitGetAsEntry?.() ?? one.getAsFile()); // now: afterwards they are gone
      for (const one of found) await walk(one, "").catch(() => null); // what cannot be read, as a link that leads nowhere
      begin();
    });
    for (const button of drop.querySelectorAll("[data-choose]")) {
      const input = part(`${button.dataset.choose}-chosen`);
      button.addEventListener("click", () => input.click());
      input.addEventListener("change", () => {
        for (const file of input.files) {
          const steps = file.webkitRelativePath.split("/").slice(0, -1);
          if (!steps.length || !file.name.startsWith(".")) add(file, steps.map((one) => `/${one}`).join(""));
        }
        input.value = "";
        begin();
      });
    }
    window.addEventListener("beforeunload", (event) => {
      if (count.running) event.preventDefault();
    });
    const form = part("new-folder");
    form.addEventListener("submit", doing(form.querySelector("button"), async () => {
      const parent = library.dataset.folderId;
      await ask("POST", `${await site()}folder/`, { name: form.elements.name.value, ...parent && { parentId: parent } });
      form.reset();
      await refresh();
    }));
  }

  // ---------------------------------------------------------------- keys

  const keys = part("keys");
  if (keys) {
    keys.hidden = false;
    const make = part("new-key");
    make.addEventListener("click", doing(make, async () => {
      const { key } = await ask("POST", `${await site()}key/`, {});
      const fresh = part("fresh-key");
      fresh.querySelector("code").textContent = key;
      fresh.querySelector("button").dataset.copyText = key;
      fresh.hidden = false;
      await refresh();
    }));
    keys.addEventListener("click", async (event) => {
      const button = event.target.closest("[data-end-key]");
      if (!button) return;
      if (button.dataset.sure) return doing(make, async () => {
        await ask("DELETE", `${await site()}key/${button.dataset.endKey}/`);
        await refresh();
      })(event);
      button.dataset.sure = "1";
      button.textContent = "Really end it?";
    });
  }
}
