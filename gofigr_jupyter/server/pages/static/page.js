// Comfort only: copy buttons, the filter of the package table, times in the reader's zone. Every page works without it.
const copied = async (button, text) => {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = Object.assign(document.createElement("textarea"), { value: text, className: "unseen" });
    document.body.append(area); // plain http on another machine has no clipboard API
    area.select();
    document.execCommand("copy");
    area.remove();
    button.focus();
  }
  if (button.dataset.said) return;
  const was = [...button.childNodes];
  button.dataset.said = "1";
  button.setAttribute("aria-live", "polite");
  button.replaceChildren("Copied");
  setTimeout(() => { button.replaceChildren(...was); delete button.dataset.said; }, 1500);
};

document.querySelector("form[data-go]")?.submit(); // the ticket of a link; without script there is a button

for (const button of document.querySelectorAll("[data-copy]")) {
  const code = button.closest(".part").querySelector("pre");
  button.hidden = false;
  button.addEventListener("click", () => copied(button, code.textContent));
}

for (const button of document.querySelectorAll("[data-copy-link]")) {
  const link = button.parentElement.querySelector("[data-link]");
  link.textContent = link.href; // behind a proxy the browser alone knows the whole address
  button.hidden = false;
  button.addEventListener("click", () => copied(button, link.href));
}

for (const input of document.querySelectorAll("[data-filter]")) {
  const rows = [...document.getElementById(input.dataset.filter).rows];
  const found = input.parentElement.querySelector("[data-found]");
  input.parentElement.hidden = false;
  input.addEventListener("input", () => {
    const wanted = input.value.trim().toLowerCase();
    for (const row of rows) row.hidden = !row.textContent.toLowerCase().includes(wanted);
    found.textContent = wanted ? `${rows.filter((row) => !row.hidden).length} of ${rows.length}` : "";
  });
}

// A figure that is being made again: say how far it is, and show the page anew when it is done.
for (const note of document.querySelectorAll("[data-task]")) {
  const look = async () => {
    const answer = await fetch(note.dataset.task, { credentials: "same-origin" }).catch(() => null);
    const task = answer?.ok ? await answer.json() : null;
    if (task?.state === "failed") note.textContent = task.error;
    else if (task && !["queued", "running"].includes(task.state)) location.reload();
    else {
      if (task) note.textContent = `It is being made again: ${task.message ?? "it waits its turn"}`;
      setTimeout(look, 1000);
    }
  };
  setTimeout(look, 500);
}

const long = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeStyle: "short" });
for (const time of document.querySelectorAll("time[datetime]")) {
  const local = long.format(new Date(time.dateTime));
  time.title = "local" in time.dataset ? time.textContent.trim() : local;
  if ("local" in time.dataset) time.textContent = local;
}
