// A short word after something was done: the server sends `HX-Trigger: {"toast": {"text": "…", "kind": "error"}}`, scripts call toast(text, kind).
// It stays while the pointer or the focus is on it; an error stays until it is closed.
const place = document.getElementById("toasts");

export function toast(text, kind = "success") {
  for (const each of place.children) if (each.textContent === text) each.remove(); // said again, it is not said twice
  const box = document.createElement("div");
  box.className = "toast";
  box.dataset.kind = kind;
  const words = document.createElement("span");
  words.textContent = text;
  const close = document.createElement("button");
  close.type = "button";
  close.setAttribute("aria-label", place.dataset.close);
  close.append(icon("x"));
  close.addEventListener("click", () => box.remove());
  box.append(icon(kind === "error" ? "circle-alert" : "circle-check"), words, close);
  place.append(box);
  if (kind !== "error") setTimeout(() => leave(box), 6000);
}

export function icon(name, sheet = place.dataset.icon) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  svg.append(document.createElementNS("http://www.w3.org/2000/svg", "use"));
  svg.firstChild.setAttribute("href", `${sheet}#${name}`);
  return svg;
}

function leave(box) {
  if (box.matches(":hover, :focus-within")) setTimeout(() => leave(box), 2000);
  else box.remove();
}

document.addEventListener("toast", (event) => toast(event.detail.text, event.detail.kind));
