// Ready answers: [data-insert="message"] puts its data-text into that field of the nearest form, where the cursor stands.
document.addEventListener("click", (event) => {
  const answer = event.target.closest("[data-insert]");
  if (!answer) return;
  const form = answer.closest("form") ?? document.querySelector("#composer form") ?? document.querySelector("form[method=post]");
  const field = form?.elements.namedItem(answer.dataset.insert);
  if (!field) return;
  if (field.hidden) return field.dispatchEvent(new CustomEvent("insert", { detail: answer.dataset.text }));
  field.focus();
  field.setRangeText(answer.dataset.text, field.selectionStart, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
});
