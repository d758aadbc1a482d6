// The choice of light, dark or system: [data-theme-choice="light|dark|"]. Kept in a cookie, so the server draws the next page right at once.
import { remember } from "./cookie.js";

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-theme-choice]");
  if (!button) return;
  const chosen = button.dataset.themeChoice;
  if (chosen) document.documentElement.dataset.theme = chosen;
  else delete document.documentElement.dataset.theme;
  remember("theme", chosen);
  for (const each of document.querySelectorAll("[data-theme-choice]")) {
    each.setAttribute("aria-pressed", String(each.dataset.themeChoice === chosen));
  }
});
