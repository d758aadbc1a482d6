// data-show-if='[…]': a field is asked only while this condition of its form holds (see conditions.js). A hidden field is disabled, so it is
// neither sent nor asked for. The server decides again; a condition that it alone can decide has no such mark, and its field stays visible.
import { every } from "./every.js";
import { entered, truth } from "./conditions.js";

every("[data-show-if]", (box) => {
  const form = box.closest("form");
  if (!form.dataset.conditional) {
    form.dataset.conditional = "yes";
    form.addEventListener("input", () => decide(form));
    form.addEventListener("change", () => decide(form));
  }
  decide(form);
});

// What is hidden may hide others in turn, in either direction, so it is looked at again until nothing changes.
function decide(form) {
  const boxes = [...form.querySelectorAll("[data-show-if]")];
  for (let turn = 0; turn <= boxes.length; turn++) {
    if (!boxes.map((box) => show(box, truth(JSON.parse(box.dataset.showIf), (name, kind) => said(form, name, kind)))).includes(true)) return;
  }
}

function show(box, shown) {
  if (box.dataset.decided === String(shown)) return false;
  box.dataset.decided = String(shown);
  box.hidden = !shown;
  for (const control of box.querySelectorAll("input, select, textarea")) control.disabled = !shown;
  return true;
}

function said(form, name, kind) {
  const controls = [...form.elements].filter((control) => control.name === name);
  const asked = controls.filter((control) => !control.disabled);
  if (!asked.length) return undefined;
  return entered(kind, new FormData(form).getAll(name), asked[0].dataset.unit);
}
