// textarea[data-kind="rich"]: a sheet to write on with bold, italic, lists, links and quotes. What is sent is the textarea, holding simple HTML
// under its name with `_html` after it; without script it is an ordinary textarea with plain text. The server's sanitiser decides what stays.
import { every } from "./every.js";
import { icon } from "./toast.js";
import { askAddress } from "./editor_link.js";
import { pictures, takeIn, written } from "./pictures.js";
import { simple, toHtml } from "./simple_html.js";

const tools = [["bold", "bold", "B"], ["italic", "italic", "I"], ["list", "insertUnorderedList"], ["list-ordered", "insertOrderedList"], ["quote", "formatBlock", "", "blockquote"], ["link", "createLink", "K"]];
const words = (area) => JSON.parse(area.dataset.words || "{}");

every('textarea[data-kind="rich"]', (area) => {
  const box = Object.assign(document.createElement("div"), { className: "editor" });
  const bar = Object.assign(document.createElement("div"), { className: "editor-tools" });
  const sheet = Object.assign(document.createElement("div"), { className: "editor-sheet prose", contentEditable: "true", dir: "auto" });
  const label = area.labels[0];
  sheet.setAttribute("role", "textbox");
  sheet.setAttribute("aria-multiline", "true");
  if (label) sheet.setAttribute("aria-label", label.textContent);
  for (const name of ["aria-describedby", "aria-invalid"]) if (area.hasAttribute(name)) sheet.setAttribute(name, area.getAttribute(name));
  sheet.dataset.placeholder = area.placeholder;
  sheet.replaceChildren(simple(area.dataset.holds === "html" ? area.value : toHtml(area.value)));
  box.toggleAttribute("data-invalid", area.getAttribute("aria-invalid") === "true");
  bar.setAttribute("role", "toolbar");
  bar.setAttribute("aria-label", words(area).tools ?? "Text");

  const save = () => {
    area.value = sheet.textContent.trim() || sheet.querySelector("img") ? written(sheet) : "";
    area.dispatchEvent(new Event("input", { bubbles: true }));
  };
  for (const [sign, command, , value] of tools) {
    const tool = Object.assign(document.createElement("button"), { type: "button", tabIndex: sign === "bold" ? 0 : -1 });
    tool.setAttribute("aria-label", words(area)[sign] ?? sign);
    tool.title = words(area)[sign] ?? sign;
    tool.append(icon(sign));
    tool.addEventListener("mousedown", (event) => event.preventDefault());
    tool.addEventListener("click", () => run(command, value));
    bar.append(tool);
  }
  const run = async (command, value) => {
    const argument = command === "createLink" ? await askAddress(bar, words(area)) : value;
    sheet.focus();
    if (command !== "createLink" || argument) document.execCommand(command, false, argument);
    save();
  };
  bar.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step) bar.children[([...bar.children].indexOf(document.activeElement) + step + tools.length) % tools.length].focus();
  });
  sheet.addEventListener("keydown", (event) => {
    const tool = (event.ctrlKey || event.metaKey) && tools.find(([, , key]) => key && key === event.key.toUpperCase());
    if (tool) (event.preventDefault(), run(tool[1], tool[3]));
  });
  sheet.addEventListener("paste", (event) => {
    const html = event.clipboardData.getData("text/html");
    const text = event.clipboardData.getData("text/plain");
    const given = html ? [] : pictures(area, event.clipboardData.files);
    event.preventDefault();
    if (given.length) return show(given);
    if (html) put(simple(html));
    else document.execCommand("insertText", false, text);
    save();
  });
  sheet.addEventListener("drop", (event) => {
    const given = pictures(area, event.dataTransfer.files);
    if (given.length) (event.preventDefault(), event.stopPropagation(), sheet.focus(), show(given));
  });
  const show = async (given) => {
    for (const file of given) put(await takeIn(area, file));
    save();
  };
  sheet.addEventListener("input", save);
  area.addEventListener("insert", (event) => (sheet.focus(), document.execCommand("insertText", false, event.detail), save()));
  label?.addEventListener("click", () => sheet.focus());
  area.form?.addEventListener("reset", () => sheet.replaceChildren());

  box.append(bar, sheet);
  area.after(box);
  area.name += "_html";
  save();
  area.hidden = true;
  area.required = false;
  document.execCommand("defaultParagraphSeparator", false, "p");
  if (area.autofocus || document.activeElement === area) start(sheet);
});

// At the cursor, without the browser's own insertHTML: that writes inline styles, which the page's policy forbids.
function put(nodes) {
  const range = getSelection().getRangeAt(0);
  range.deleteContents();
  range.insertNode(nodes);
  range.collapse(false);
}

// Writing begins in the first empty line that a default text leaves, else at the beginning.
function start(sheet) {
  sheet.focus();
  const gap = [...sheet.children].find((part) => part.firstChild?.nodeName === "BR");
  if (gap) getSelection().collapse(gap, 0);
}
