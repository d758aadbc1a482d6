// Textareas grow with their text where the browser cannot do it by itself (field-sizing).
import { every } from "./every.js";

const grow = (area) => {
  area.rows = Math.max(Number(area.dataset.rows), Math.min(30, area.value.split("\n").length + 1));
};

if (!CSS.supports("field-sizing", "content")) {
  every("textarea.input", (area) => {
    area.dataset.rows = area.rows;
    area.addEventListener("input", () => grow(area));
    grow(area);
  });
}
