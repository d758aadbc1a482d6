// Ready answers: [data-insert="message"] puts its data-text into that field of the action's form, where the cursor stands, and its data-enclosed among
// the files. A form with data-inserts="message" asks its address for both first, with what was filled in; what is wrong with that comes back as its
// questions anew. Without script the buttons send the form, which comes back with the answer in it.
import { toast } from "./toast.js";

document.addEventListener("click", (event) => {
  const answer = event.target.closest("[data-insert]");
  if (!answer) return;
  event.preventDefault();
  insert(answer.dataset.insert, answer.dataset.text, JSON.parse(answer.dataset.enclosed ?? "[]"));
});

const untouched = new WeakMap(); // the questions of a form before anything was wrong

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.dataset.inserts) return;
  event.preventDefault();
  const questions = form.querySelector("[data-asked]");
  if (!untouched.has(form)) untouched.set(form, questions.outerHTML);
  const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { Accept: "application/json" } }).catch(() => null);
  if (answer?.status === 422) return replace(questions, await answer.text()).querySelector("[aria-invalid]")?.focus();
  if (!answer?.ok) return toast(document.getElementById("toasts").dataset.failed, "error");
  const { text, files } = await answer.json();
  form.closest("dialog")?.close();
  replace(questions, untouched.get(form));
  insert(form.dataset.inserts, text, files);
});

function replace(old, html) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  const fresh = holder.content.querySelector("[data-asked]");
  old.replaceWith(fresh);
  fresh.dispatchEvent(new CustomEvent("htmx:load", { bubbles: true, detail: { elt: fresh } })); // what brings it to life listens for this
  return fresh;
}

function insert(name, text, files) {
  const form = document.querySelector("form.composer") ?? document.querySelector("form[method=post]");
  if (files.length) form?.querySelector("[data-enclosed-as]")?.dispatchEvent(new CustomEvent("enclose", { detail: files }));
  const field = form?.elements.namedItem(`${name}_html`) ?? form?.elements.namedItem(name);
  if (!field) return;
  if (field.hidden) return field.dispatchEvent(new CustomEvent("insert", { detail: text }));
  field.focus();
  field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
}
