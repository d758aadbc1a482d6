// Menus (details[data-menu]) close on Escape, on a click elsewhere and after a choice; arrow keys walk through them.
const open = () => [...document.querySelectorAll("details[data-menu][open]")];

document.addEventListener("click", (event) => {
  for (const menu of open()) {
    const inside = menu.contains(event.target);
    if (!inside || event.target.closest(".menu-item:not([aria-pressed])")) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("details[data-menu]");
  if (!menu?.open) return;
  if (event.key === "Escape") {
    menu.open = false;
    menu.querySelector("summary").focus();
    event.stopPropagation();
  }
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  const items = [...menu.querySelectorAll(".menu-item, .menu-actions .button")].filter((item) => item.offsetParent);
  const at = items.indexOf(document.activeElement);
  items.at((at < 0 && step < 0 ? -1 : at + step) % items.length)?.focus();
  event.preventDefault();
});

document.addEventListener("focusin", (event) => {
  for (const menu of open()) if (!menu.contains(event.target)) menu.open = false;
});
