// One picture in any size and format: what the form says goes into the address, and the page shows what comes of it.
const play = document.getElementById("play");
if (play) {
  const { file, plain, bytes } = play.dataset;
  const form = play.querySelector("form");
  const stage = play.querySelector(".made");
  const [shown, refused, original] = ["made", "refused", "original"].map((id) => document.getElementById(id));
  const write = (id, text) => { document.getElementById(id).textContent = text; };
  // As an <img> asks, which fetch by itself does not.
  const PICTURES = { accept: "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8" };

  const NAMES = { "image/avif": "AVIF", "image/webp": "WebP", "image/jpeg": "JPEG", "image/png": "PNG", "image/gif": "GIF" };

  const inWords = (size) => {
    if (size < 1000) return `${size} B`;
    const unit = size < 999500 ? ["KB", 1e3] : ["MB", 1e6];
    const amount = size / unit[1];
    return `${amount.toFixed(amount < 9.95 ? 1 : 0)} ${unit[0]}`;
  };
  const pixels = (picture) => `${picture.naturalWidth} × ${picture.naturalHeight}`;
  const asData = (blob) => new Promise((read, failed) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => read(reader.result));
    reader.addEventListener("error", () => failed(new Error("The picture cannot be read.")));
    reader.readAsDataURL(blob);
  });

  const made = async (query) => {
    const answer = await fetch(`${plain}${query}`, { headers: PICTURES, credentials: "omit" }).catch(() => null);
    if (!answer) throw new Error("The server cannot be reached.");
    if (!answer.ok) throw new Error(told(await answer.json().catch(() => null), answer.status));
    const blob = await answer.blob();
    return { size: blob.size, type: answer.headers.get("content-type"), data: await asData(blob) };
  };

  // What was refused has no size, and nothing to copy.
  const settle = (isRefused) => {
    const copying = document.getElementById("copying");
    copying.inert = isRefused;
    copying.classList.toggle("faded", isRefused);
    shown.hidden = isRefused;
    if (isRefused) for (const id of ["is-format", "is-pixels", "is-size"]) write(id, "–");
  };

  let turn = 0;
  const show = async () => {
    const mine = ++turn;
    const wanted = new URLSearchParams([...new FormData(form)].map(([name, one]) => [name, one.trim()]).filter(([, one]) => one));
    const query = wanted.size ? `?${wanted}` : "";
    stage.setAttribute("aria-busy", "true");
    try {
      const entry = await ask("GET", `${file}${query}`); // refuses what cannot be, and knows what is to be copied
      const picture = await made(query);
      if (mine !== turn) return;
      write("as-url", entry.cdn_url);
      write("as-markdown", entry.markdown);
      write("as-html", entry.html);
      shown.hidden = false;
      shown.src = picture.data;
      await shown.decode();
      if (mine !== turn) return;
      const share = Math.round((100 * picture.size) / Number(bytes));
      write("is-format", NAMES[picture.type] ?? picture.type);
      write("is-pixels", pixels(shown));
      write("is-size", `${inWords(picture.size)}${query ? ` (${share < 1 ? "under 1" : share} %)` : ""}`);
      refused.hidden = true;
      settle(false);
    } catch (error) {
      if (mine !== turn) return;
      settle(true);
      refused.textContent = error.message;
      refused.hidden = false;
    }
    stage.setAttribute("aria-busy", "false");
  };

  let timer = 0;
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(show, 350);
  };
  form.addEventListener("input", soon);
  form.addEventListener("reset", soon);
  form.addEventListener("submit", (event) => { event.preventDefault(); show(); });
  original.decode().then(() => write("was-pixels", pixels(original))).catch(() => null);
  play.hidden = false;
  show();
}
