// data-show-when="kind" data-show-values='["technical"]': a field is shown while another of its form has one of the values.
// A hidden field is disabled, so it is neither sent nor asked for. The server decides again; conditions it cannot say so simply stay visible.
import { every } from "./every.js";

every("[data-show-when]", (box) => {
  const form = box.closest("form");
  const values = JSON.parse(box.dataset.showValues);
  const decide = () => {
    const given = new FormData(form).getAll(box.dataset.showWhen);
    const shown = given.some((value) => values.includes(value));
    box.hidden = !shown;
    for (const control of box.querySelectorAll("input, select, textarea")) control.disabled = !shown;
  };
  form.addEventListener("input", (event) => event.target.name === box.dataset.showWhen && decide());
  decide();
});
