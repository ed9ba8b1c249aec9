// Starts the cards' code, which the kernel sends when this model is made, and again when a page asks for it.
export default {
  initialize({ model }) {
    let code, stop, timer, pause = 300;
    const early = []; // what the kernel says while the code is loading
    const hear = async (message) => {
      if (!stop) early.push(message);
      if (!message.module || code) return;
      const url = URL.createObjectURL(new Blob([message.module], { type: "text/javascript" }));
      code = import(url);
      stop = (await code).start(model, early);
      model.off("msg:custom", hear);
      URL.revokeObjectURL(url);
    };
    // A first message can wait behind a long cell; later ones go to a subshell where the kernel has them.
    const ask = () => {
      if (code || pause > 1e6) return;
      timer = setTimeout(ask, (pause *= 2));
      try {
        model.send({ ask: "module" });
      } catch {
        // the line to the kernel is cut; the next one may go
      }
    };
    model.on("msg:custom", hear);
    timer = setTimeout(ask, pause);
    return () => { clearTimeout(timer); stop?.(); };
  },
};
