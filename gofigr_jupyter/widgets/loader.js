// One plain line from the model; the full widget's code comes from the kernel, once for each page.
const pages = (globalThis.gofigrCode ??= {});
export default {
  async render(view) {
    const { model, el } = view, code = model.get("code");
    const line = () => {
      const { line, link, label } = model.get("face"), a = document.createElement("a");
      if (/^https?:/i.test(link)) Object.assign(a, { href: link, target: "_blank", rel: "noopener", textContent: label });
      el.replaceChildren(line, " ", a);
    };
    line();
    model.on("change:face", line);
    pages[code] ??= await new Promise((done) => {
      model.on("msg:custom", (m) => m.module && done(import(URL.createObjectURL(new Blob([m.module], { type: "text/javascript" })))));
      model.send({ ask: "module" });
    });
    model.off("change:face", line);
    pages[code].render(view);
  },
};
