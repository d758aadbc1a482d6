// Ready answers: [data-insert="message"] puts its data-text into that field of the action's form, where the cursor stands. A form with
// data-inserts="message" asks its address for the text first, with what was filled in.
document.addEventListener("click", (event) => {
  const answer = event.target.closest("[data-insert]");
  if (answer) insert(answer.dataset.insert, answer.dataset.text);
});

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.dataset.inserts) return;
  event.preventDefault();
  const answer = await fetch(`${form.action}?${new URLSearchParams(new FormData(form))}`);
  if (answer.ok) insert(form.dataset.inserts, await answer.text());
  form.closest("dialog")?.close();
});

function insert(name, text) {
  const form = document.querySelector("form.composer") ?? document.querySelector("form[method=post]");
  const field = form?.elements.namedItem(`${name}_html`) ?? form?.elements.namedItem(name);
  if (!field) return;
  if (field.hidden) return field.dispatchEvent(new CustomEvent("insert", { detail: text }));
  field.focus();
  field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
}
