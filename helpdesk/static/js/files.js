// [data-drop]: files can be dropped on the field, chosen in several goes, and taken out again before sending.
import { every } from "./every.js";
import { icon } from "./toast.js";

every("[data-drop]", (drop) => {
  const input = drop.querySelector("input[type=file]");
  const list = drop.querySelector(".drop-list");
  let chosen = [];

  const keep = (files) => {
    const box = new DataTransfer();
    chosen = input.multiple ? files : files.slice(-1);
    for (const file of chosen) box.items.add(file);
    input.files = box.files;
    list.replaceChildren(...chosen.map(line));
  };

  const line = (file) => {
    const item = document.createElement("li");
    const name = Object.assign(document.createElement("span"), { className: "cut", textContent: file.name, dir: "auto" });
    const size = Object.assign(document.createElement("span"), { className: "muted nowrap", textContent: filesize(file.size) });
    const remove = Object.assign(document.createElement("button"), { type: "button" });
    remove.setAttribute("aria-label", `${drop.dataset.remove} ${file.name}`);
    remove.append(icon("x", drop.dataset.icon));
    remove.addEventListener("click", () => keep(chosen.filter((each) => each !== file)));
    item.append(icon("file", drop.dataset.icon), name, size, remove);
    return item;
  };

  input.addEventListener("change", () => keep([...chosen, ...input.files]));
  drop.addEventListener("dragover", (event) => (event.preventDefault(), drop.setAttribute("data-over", "")));
  drop.addEventListener("dragleave", (event) => drop.contains(event.relatedTarget) || drop.removeAttribute("data-over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.removeAttribute("data-over");
    keep([...chosen, ...event.dataTransfer.files]);
  });
});

const filesize = (size) => (size < 1e3 ? `${size} B` : size < 999500 ? `${Math.round(size / 1e3)} kB` : `${(size / 1e6).toFixed(1)} MB`);
