// The desk's single keys. A link or button with data-key="r" is pressed by it; j and k walk over [data-row], / goes to [data-search], ? opens the help.
// Nothing happens while somebody types, and the switch in the help turns all of them off (WCAG 2.1.4).
import { every } from "./every.js";
import { remember, remembered } from "./cookie.js";

const root = document.documentElement;
root.dataset.keys = remembered("keys") || "on";

const typing = (element) => element.closest("input, textarea, select, [contenteditable=true], [contenteditable='']");
const shown = (selector) => [...document.querySelectorAll(selector)].find((each) => each.checkVisibility?.() ?? each.offsetParent);

const own = {
  j: () => walk(1),
  k: () => walk(-1),
  "/": () => shown("[data-search]")?.select() ?? shown("[data-search]")?.focus(),
  "?": () => document.getElementById("keys-help")?.showModal(),
};

function walk(step) {
  const rows = [...document.querySelectorAll("[data-row]")].filter((row) => row.checkVisibility());
  const from = rows.findIndex((row) => row.hasAttribute("data-at"));
  const start = from < 0 ? rows.findIndex((row) => row.querySelector("[aria-current=true]")) : from;
  const next = rows[Math.min(rows.length - 1, Math.max(0, start + step))];
  rows[from]?.removeAttribute("data-at");
  if (!next) return;
  next.setAttribute("data-at", "");
  const link = next.querySelector("a");
  link.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
  if (link.hasAttribute("hx-get")) link.click();
}

// Escape leaves what is being written or searched, as it is, so that the single keys work again.
function leave(field) {
  field.blur();
  (document.getElementById("ticket") ?? document.getElementById("main"))?.focus({ preventScroll: true });
}

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter") return typing(event.target)?.closest("form")?.requestSubmit();
  const field = typing(event.target);
  if (field && event.key === "Escape" && !event.isComposing && !document.querySelector("dialog[open]")) return leave(field);
  if (root.dataset.keys === "off" || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (field || document.querySelector("dialog[open]")) return;
  const target = own[event.key] ? null : shown(`[data-key="${CSS.escape(event.key)}"]`);
  if (!own[event.key] && !target) return;
  event.preventDefault();
  if (target) target.click();
  else own[event.key]();
});

every("[data-keys-switch]", (box) => {
  box.checked = root.dataset.keys !== "off";
  box.addEventListener("change", () => {
    root.dataset.keys = box.checked ? "on" : "off";
    remember("keys", box.checked ? "" : "off");
  });
});
