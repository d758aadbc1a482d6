// [data-opens="id"] opens a native dialog. A form or button with data-confirm="Sentence?" asks first; without script the server asks, or it is simply done.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) {
    document.getElementById(opener.dataset.opens)?.showModal();
    event.preventDefault();
  }
  if (event.target.matches?.("dialog.dialog")) event.target.close(); // the backdrop
});

let answered = null;

document.addEventListener(
  "submit",
  (event) => {
    const question = event.submitter?.dataset.confirm ?? event.target.dataset.confirm;
    if (question === undefined || answered === event.target) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    ask(question, event.submitter, () => {
      answered = event.target;
      say(event.target);
      event.target.requestSubmit(event.submitter);
      answered = null;
    });
  },
  true,
);

// The form says that somebody asked, so that the server need not.
function say(form) {
  if (form.elements.namedItem("confirmed")) return;
  form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "confirmed", value: "yes" }));
}

function ask(question, button, then) {
  const dialog = document.getElementById("confirm");
  dialog.querySelector("h2").textContent = question || dialog.dataset.fallback;
  const yes = dialog.querySelector("[data-yes]");
  yes.querySelector("span").textContent = button?.querySelector("span")?.textContent || yes.textContent;
  if (button?.dataset.color) yes.dataset.color = button.dataset.color;
  else delete yes.dataset.color;
  dialog.returnValue = "no";
  const answer = () => (dialog.returnValue === "yes" ? then() : back(button));
  dialog.addEventListener("close", answer, { once: true });
  dialog.showModal();
}

// The browser gives the focus back to the button that asked; where its menu has closed over it, to what opens the menu.
function back(button) {
  if (button && !button.checkVisibility()) button.closest("details")?.querySelector("summary").focus();
}
