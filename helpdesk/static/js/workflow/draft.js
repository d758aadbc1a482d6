// What is written is kept as this administrator's draft, a second after the last key: a reload or a crash loses nothing.
const PAUSE = 1000;

export function draft(form, words, send) {
  const said = form.querySelector("[data-saved]");
  let timer = 0, waiting = false;

  async function keep() {
    clearTimeout(timer);
    if (!waiting) return;
    waiting = false;
    said.textContent = words.saving;
    try {
      const answer = await fetch(form.dataset.draft, { method: "POST", body: send(), headers: { "HX-Request": "true" } });
      if (!answer.ok) throw new Error(String(answer.status));
      said.textContent = words.saved;
    } catch {
      said.textContent = words.unsaved;
      changed();
    }
  }

  function changed() {
    waiting = true;
    clearTimeout(timer);
    timer = setTimeout(keep, PAUSE);
  }

  addEventListener("beforeunload", () => waiting && navigator.sendBeacon?.(form.dataset.draft, send()));
  document.addEventListener("visibilitychange", () => document.hidden && keep());
  return { changed, keep };
}
