// A page made for paper is printed by its own button, [data-prints]; without script by the browser's menu.
import "./script.js";

for (const button of document.querySelectorAll("[data-prints]")) button.addEventListener("click", () => window.print());
