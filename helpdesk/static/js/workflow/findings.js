// What is wrong with the text, as it is typed: asked of the server 400 ms after the last key, shown at its place and in a list.
import { icon } from "../toast.js";

const PAUSE = 400;

/** `send()` gives the form's data; `found(answer)` is told what came. Gives `ask`, to be called after each change. */
export function findings(form, words, { send, found, jump }) {
  const list = form.querySelector("[data-findings] ol"), sum = form.querySelector("[data-findings-sum]"), head = form.querySelector("[data-findings-head]");
  let timer = 0, asking = null;

  head.addEventListener("click", () => head.setAttribute("aria-expanded", String(head.getAttribute("aria-expanded") !== "true")));
  list.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button) jump(button.dataset.in, Number(button.dataset.line), Number(button.dataset.column));
  });

  async function look() {
    asking?.abort();
    const mine = (asking = new AbortController());
    try {
      const answer = await fetch(form.dataset.check, { method: "POST", body: send(), headers: { Accept: "application/json" }, signal: mine.signal });
      if (!answer.ok) throw new Error(String(answer.status));
      const told = await answer.json();
      show(told.findings);
      found(told);
    } catch (problem) {
      if (problem.name !== "AbortError") sum.textContent = words.unlooked;
    }
  }

  function show(all) {
    const errors = all.filter((one) => one.severity === "error").length;
    form.dataset.errors = errors;
    sum.replaceChildren(...(all.length ? [part("circle-alert", errors, words.error), part("triangle-alert", all.length - errors, words.warning)] : [part("circle-check", "", words.sound)]));
    list.replaceChildren(...all.map(item));
  }

  function part(sign, number, word) {
    const span = document.createElement("span");
    span.append(icon(sign), ` ${number} `);
    span.append(Object.assign(document.createElement("span"), { textContent: word, className: number === "" ? "" : "visually-hidden" }));
    return span;
  }

  function item(one) {
    const button = document.createElement("button");
    button.type = "button";
    Object.assign(button.dataset, { in: one.file, line: one.line, column: one.column });
    const place = Object.assign(document.createElement("code"), { textContent: `${one.line}:${one.column}` });
    const said = Object.assign(document.createElement("span"), { textContent: one.message });
    const hint = Object.assign(document.createElement("span"), { textContent: one.hint, className: "muted" });
    button.append(icon(one.severity === "error" ? "circle-alert" : "triangle-alert"), place, said, hint);
    const li = document.createElement("li");
    li.dataset.severity = one.severity;
    li.append(button);
    return li;
  }

  return () => {
    clearTimeout(timer);
    timer = setTimeout(look, PAUSE);
  };
}
