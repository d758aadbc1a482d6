// The workflow's editor: text, findings, diagram and forms, each a module of its own, wired together here. See templates/admin/workflow/editor.html.
import { code } from "./code.js";
import { completion, explained } from "./complete.js";
import { draft } from "./draft.js";
import { findings } from "./findings.js";
import { map } from "./map.js";
import { panels } from "./panels.js";
import { parts } from "./part.js";

const form = document.querySelector("[data-workflow]");
const words = JSON.parse(form.dataset.words);
let schema = null, known = { parts: [], names: {} }, found = [], at = null, awaited = "";

/** The texts as they are now, and nothing of what a panel holds. */
function send() {
  const data = new FormData();
  for (const name of ["csrf_token", "based_on"]) data.set(name, form.elements.namedItem(name).value);
  for (const area of form.querySelectorAll("[data-text]")) {
    data.append("file", area.dataset.text);
    data.append("text", area.value);
  }
  return data;
}

const text = code(form, form.querySelector("[data-code]"), words, { complete: completion(() => schema, () => known.names), explain: (state, pos) => explained(schema, state, pos), changed, moved });
const ask = findings(form, words, { send, jump: text.jump, found: told });
const kept = draft(form, words, send);
const panel = panels(form, { jump: text.jump, back: () => at && part.show(at.path, { force: true }) });
const part = parts(form, words, { send, write: text.write, opened: () => panel.press("part"), added: (path) => (awaited = path.join()) });
const diagram = map(form, { pick, placed });

function changed() {
  kept?.changed();
  ask?.();
}

function told(answer) {
  found = answer.findings;
  if (answer.parts) known = answer;
  text.find(found);
  diagram.show(answer);
  arrive();
  moved();
  if (answer.parts && at) part.refresh(at.path, text.lines(at));
}

/** A part that a form added, once the text that has it was looked at: its lines and its place in the diagram come into sight. */
function arrive() {
  const part = awaited && known.parts.find((each) => each.path.join() === awaited);
  if (!part) return;
  awaited = "";
  text.jump(part.file, part.line, 1, { focus: false });
}

function moved() {
  if (!known.parts.length) return;
  const line = text.line(), file = text.file();
  const around = known.parts.filter((each) => each.file === file && each.line <= line && line <= each.end);
  const nearest = around.sort((a, b) => b.path.length - a.path.length)[0] ?? null;
  const isSame = nearest?.path.join() === at?.path.join();
  if (isSame && nearest?.line === at?.line && nearest?.end === at?.end) return;
  at = nearest;
  setTimeout(() => text.mark(at)); // not in the middle of the change that moved the cursor
  if (isSame) return; // its lines moved, and what is shown beside it stays
  diagram.highlight(at);
  if (!at || at.path.length < 2) return;
  part.show(at.path);
  part.refresh(at.path, text.lines(at));
}

function pick(path) {
  const wanted = known.parts.find((each) => each.path.join() === path.join());
  if (!wanted) return;
  part.forget();
  text.jump(wanted.file, wanted.line);
  panel.view("panel");
  part.show(wanted.path, { force: true });
}

async function placed(workflow, state, x, y) {
  const data = new FormData();
  data.set("csrf_token", form.elements.namedItem("csrf_token").value);
  for (const [name, value] of Object.entries({ workflow, state, x, y })) data.set(name, value);
  await fetch(form.dataset.places, { method: "POST", body: data, headers: { "HX-Request": "true" } }).catch(() => {}); // the next look says that the desk is away
  ask();
}

document.addEventListener("enclosed", () => ask()); // a file was added to the draft
form.addEventListener("click", (event) => {
  const adds = event.target.closest("[data-add]"), file = event.target.closest("[data-file]");
  if (adds) {
    panel.view("panel");
    part.add(adds.dataset.add, diagram.current());
  }
  if (file) {
    text.open(file.dataset.file);
    form.querySelectorAll("[data-file]").forEach((each) => each.setAttribute("aria-selected", String(each === file)));
    text.find(found);
  }
});
fetch(form.dataset.schema).then((answer) => answer.json()).then((answer) => (schema = answer), () => {}); // without it nothing is offered, and all else works
document.addEventListener("visibilitychange", () => document.hidden || ask()); // tickets have moved meanwhile
ask();
