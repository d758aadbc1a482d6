// [data-tags]: a text of tags with commas between them becomes chips. What is typed is one once a comma or Enter ends it; Backspace takes the last.
// The text itself goes on holding all of them, so the form is the same without script.
import { every } from "./every.js";

every("[data-tags]", (box) => {
  const kept = box.querySelector("input");
  const words = JSON.parse(kept.dataset.words);
  const list = document.createElement("ul");
  const typed = document.createElement("input");
  typed.className = "tags-typed";
  typed.setAttribute("list", `${kept.id}-offers`);
  typed.placeholder = words.add;
  typed.autocomplete = "off";
  typed.dir = kept.dir || "auto";
  typed.inputMode = kept.inputMode;
  kept.type = "hidden";
  box.append(list, typed);
  box.dataset.ready = "";
  const label = document.querySelector(`label[for="${CSS.escape(kept.id)}"]`);
  typed.id = `${kept.id}-typed`;
  label?.setAttribute("for", typed.id);

  const tags = () => kept.value.split(",").map((tag) => tag.trim()).filter(Boolean);
  const same = (one, other) => one.toLowerCase() === other.toLowerCase();

  function hold(names) {
    kept.value = names.join(", ");
    list.replaceChildren(...names.map(chip));
    typed.value = "";
  }

  function chip(name) {
    const item = document.createElement("li");
    const button = document.createElement("button");
    item.className = "tag";
    item.append(Object.assign(document.createElement("span"), { textContent: name, dir: "auto" }));
    button.type = "button";
    button.textContent = "×";
    button.setAttribute("aria-label", `${words.remove}: ${name}`);
    button.addEventListener("click", () => (hold(tags().filter((each) => each !== name)), typed.focus()));
    item.append(button);
    return item;
  }

  const parts = () => (box.dataset.tags === "addresses" ? typed.value.split(/[,;\s]+/) : [typed.value.replaceAll(",", " ").trim()]);
  const add = () => {
    const names = tags();
    for (const name of parts()) if (name && !names.some((each) => same(each, name))) names.push(name);
    if (names.length > tags().length) hold(names);
    else typed.value = "";
  };

  typed.addEventListener("input", (event) => {
    const picked = !event.inputType || event.inputType === "insertReplacementText"; // from the list of those in use
    if (picked || typed.value.includes(",")) add();
  });
  typed.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && typed.value.trim()) (event.preventDefault(), add());
    if (event.key === "Backspace" && !typed.value) hold(tags().slice(0, -1));
  });
  typed.addEventListener("blur", add);
  hold(tags());
});
