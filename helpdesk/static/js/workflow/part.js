// The form of the part at the cursor or of the state that was pressed. “Write into the text” sends what changed in it and puts the answer into the text as one step that can be undone.
import { toast } from "../toast.js";

export function parts(form, words, { send, write, opened, added }) {
  const panel = form.querySelector("[data-panel-body]");
  let shown = "", known = "", removed = false, asking = null, isAsked = false;

  // What a button asks for comes into the panel before what follows the cursor.
  form.addEventListener("htmx:beforeRequest", ({ detail: { target } }) => {
    if (target !== panel) return;
    isAsked = true;
    if (asking) shown = "";
    asking?.abort();
  });
  form.addEventListener("htmx:afterRequest", ({ detail: { target } }) => (isAsked &&= target !== panel));

  const show = async (path, { force = false } = {}) => {
    const key = path.join(".");
    if (!force && (removed || isAsked || key === shown || panel.querySelector("[data-part-form][data-dirty]") || panel.firstElementChild?.dataset.panelShown)) return;
    const isOther = key !== shown;
    shown = key;
    known = "";
    await fetched(form.dataset.part, { path: key });
    if (isOther) panel.scrollTop = 0;
  };

  /** The text of the part that is shown may have changed under its form: nobody who fills it in is disturbed. */
  const refresh = (path, lines) => {
    const isShown = !isAsked && path.join(".") === shown && panel.querySelector("[data-part-form][data-path]:not([data-dirty])") && !panel.contains(document.activeElement);
    if (isShown && known !== "" && lines !== known) fetched(form.dataset.part, { path: shown });
    known = lines;
  };

  const add = (kind, workflow) => {
    shown = "";
    panel.scrollTop = 0;
    return fetched(form.dataset.new, { kind, workflow });
  };

  async function fetched(url, more) {
    asking?.abort();
    const mine = (asking = new AbortController());
    const told = await fetch(url, { method: "POST", body: filled(send(), more), headers: { "HX-Request": "true" }, signal: mine.signal })
      .then((answer) => (answer.ok ? answer.text() : null))
      .catch(() => null); // that the desk is away stands below the text
    if (mine.signal.aborted) return;
    asking = null;
    if (told === null) {
      shown = "";
      return;
    }
    panel.innerHTML = told;
    window.htmx.process(panel);
    panel.querySelector("[data-focus]")?.focus();
    opened();
  }

  panel.addEventListener("input", (event) => event.target.closest("[data-part-form]")?.setAttribute("data-dirty", ""));
  panel.addEventListener("keydown", (event) => {
    const part = event.target.closest("[data-part-form]");
    if (part && event.key === "Enter" && event.target.matches("input:not([type=checkbox])")) {
      event.preventDefault();
      part.querySelector("[data-write]").click();
    }
  });
  panel.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-write], [data-remove]");
    if (!button) return;
    const part = button.closest("[data-part-form]");
    const asked = fetch(button.dataset.remove ?? part.dataset.url, { method: "POST", body: filled(send(), { path: part.dataset.path ?? "" }, part), headers: { "HX-Request": "true" } });
    const told = await asked.then((answer) => answer.json()).catch(() => ({ problem: document.getElementById("toasts").dataset.failed }));
    const problem = part.querySelector("[data-part-problem]");
    problem.hidden = !told.problem;
    problem.textContent = told.problem ?? "";
    if (!told.texts) return;
    for (const [name, text] of Object.entries(told.texts)) write(name, text);
    if (told.path.length) toast(words.written);
    part.removeAttribute("data-dirty");
    if (!part.dataset.path && told.path.length) added(told.path);
    if (told.path.length) await show(told.path, { force: true });
    else gone();
    shown = told.path.join(".");
  });

  /** Nothing takes the place of what was removed by itself: a second press would remove that too. */
  function gone() {
    removed = true;
    const said = document.createElement("p");
    said.className = "part muted";
    said.textContent = words.removed;
    panel.replaceChildren(said);
  }
  for (const type of ["pointerdown", "keydown"]) form.addEventListener(type, (event) => (removed &&= panel.contains(event.target)), true);

  return { show, add, refresh, forget: () => (shown = "") };
}

/** The texts with what one form holds: of an existing part only what was changed. */
function filled(data, more, part) {
  for (const [name, value] of Object.entries(more)) data.set(name, value);
  if (!part) return data;
  const isNew = !part.dataset.path;
  for (const field of part.querySelectorAll("input, select, textarea")) {
    if (!field.name || field.name === "path") continue;
    const group = field.closest("fieldset.field, .part-whole");
    if (!(isNew || changed(field) || (group && [...group.querySelectorAll("input, select, textarea")].some(changed)) || field.name.endsWith(":asked") && changed(field.parentElement.querySelector("input")))) continue;
    if (field.type !== "checkbox" || field.checked) data.append(field.name, field.value);
  }
  return data;
}

function changed(field) {
  if (field.type === "checkbox") return field.checked !== field.defaultChecked;
  if (field.tagName === "SELECT") return ![...field.options].some((option) => option.selected && (option.defaultSelected || (!option.value && ![...field.options].some((each) => each.defaultSelected))));
  return field.type !== "hidden" && field.value !== field.defaultValue;
}
