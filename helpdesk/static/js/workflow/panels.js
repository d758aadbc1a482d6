// The panel beside the text: which of its tabs is meant, jumps from what it says to the text, and the three views of a narrow screen.
export function panels(form, { jump, back }) {
  const tabs = [...form.querySelectorAll("[data-panel]")], views = [...form.querySelectorAll("[data-view-choice]")];
  const press = (name) => tabs.forEach((tab) => tab.setAttribute("aria-pressed", String(tab.dataset.panel === name)));
  const view = (name) => {
    form.dataset.view = name;
    views.forEach((each) => each.setAttribute("aria-pressed", String(each.dataset.viewChoice === name)));
  };

  form.addEventListener("click", (event) => {
    const line = event.target.closest("[data-line]");
    if (line && line.closest("[data-panel-body]")) {
      view("text");
      jump(line.dataset.in, Number(line.dataset.line), Number(line.dataset.column || 1));
    }
    const tab = event.target.closest("[data-panel], [data-shows]");
    if (tab) {
      press(tab.dataset.panel ?? tab.dataset.shows);
      view("panel");
      if (tab.dataset.panel === "part") back();
    }
    const choice = event.target.closest("[data-view-choice]");
    if (choice) view(choice.dataset.viewChoice);
  });
  form.addEventListener("submit", (event) => event.submitter?.classList.contains("no-script") && event.preventDefault());
  const already = form.querySelector("[data-panel-shown]");
  if (already) {
    press(already.dataset.panelShown);
    view("panel");
  }
  return { press, view };
}
