// [data-drop]: files can be dropped on the field, chosen in several goes, and taken out again before sending. Beside them stand the files of ready
// answers: an "enclose" event brings them as [{value, name, size}], and they are sent by their names under data-enclosed-as. An "enter" event brings files themselves.
import { every } from "./every.js";
import { icon } from "./toast.js";

every("[data-drop]", (drop) => {
  const input = drop.querySelector("input[type=file]");
  const list = drop.querySelector("[data-chosen]");
  const enclosed = drop.querySelector("[data-enclosed]");
  const required = input.required;
  let chosen = [];

  const keep = (files) => {
    const box = new DataTransfer();
    chosen = input.multiple ? files : files.slice(-1);
    for (const file of chosen) box.items.add(file);
    input.files = box.files;
    list.replaceChildren(...chosen.map((file) => line(file, () => keep(chosen.filter((each) => each !== file)))));
  };

  const line = ({ name, size }, takeOut) => {
    const item = document.createElement("li");
    const called = Object.assign(document.createElement("span"), { className: "cut", textContent: name, dir: "auto" });
    const large = Object.assign(document.createElement("span"), { className: "muted nowrap", textContent: filesize(size) });
    const remove = Object.assign(document.createElement("button"), { type: "button" });
    remove.setAttribute("aria-label", `${drop.dataset.remove} ${name}`);
    remove.append(icon("x", drop.dataset.icon));
    remove.addEventListener("click", takeOut);
    item.append(icon("file", drop.dataset.icon), called, large, remove);
    return item;
  };

  const enclose = (file) => {
    const item = line(file, () => (item.remove(), input.focus(), need()));
    item.append(Object.assign(document.createElement("input"), { type: "hidden", name: drop.dataset.enclosedAs, value: file.value, disabled: input.disabled }));
    return item;
  };
  const need = () => (input.required = required && !enclosed.children.length);
  const isThere = (file) => [...enclosed.querySelectorAll("input")].some((each) => each.value === file.value);

  if (enclosed) {
    for (const box of enclosed.querySelectorAll("[type=checkbox]")) {
      box.closest("li").replaceWith(enclose({ value: box.value, name: box.dataset.name, size: Number(box.dataset.size) }));
    }
    drop.addEventListener("enclose", (event) => {
      for (const file of event.detail) if (!isThere(file)) enclosed.append(enclose(file));
      need();
    });
    need();
  }

  input.addEventListener("change", () => keep([...chosen, ...input.files]));
  drop.addEventListener("enter", (event) => keep([...chosen, ...event.detail]));
  drop.addEventListener("dragover", (event) => (event.preventDefault(), drop.setAttribute("data-over", "")));
  drop.addEventListener("dragleave", (event) => drop.contains(event.relatedTarget) || drop.removeAttribute("data-over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.removeAttribute("data-over");
    keep([...chosen, ...event.dataTransfer.files]);
  });
});

const filesize = (size) => (size < 1e3 ? `${size} B` : size < 999500 ? `${Math.round(size / 1e3)} kB` : `${(size / 1e6).toFixed(1)} MB`);
