// The diagram: one drawing a workflow, made by the server. Press a state to jump to its lines, drag it to put it elsewhere, wheel or keys to move and zoom.
import { pointer } from "./pointer.js";

export function map(form, { pick, placed }) {
  const canvas = form.querySelector("[data-canvas]"), tabs = form.querySelector("[data-map-tabs]"), old = form.querySelector("[data-map-old]");
  const views = {}; // by workflow: {x, y, scale}
  let drawings = [], current = "", at = null;

  const svg = () => canvas.querySelector("svg");
  const box = () => svg()?.viewBox.baseVal;

  function show(told) {
    old.hidden = Boolean(told.drawings);
    if (!told.drawings) return;
    drawings = told.drawings;
    if (!drawings.some((each) => each.name === current)) current = drawings[0]?.name ?? "";
    tabs.replaceChildren(...drawings.map(tab));
    draw();
  }

  function tab(each) {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: each.label });
    button.setAttribute("role", "tab");
    button.setAttribute("aria-selected", String(each.name === current));
    button.addEventListener("click", () => open(each.name));
    return button;
  }

  function open(name) {
    if (name === current || !drawings.some((each) => each.name === name)) return;
    current = name;
    [...tabs.children].forEach((button, index) => button.setAttribute("aria-selected", String(drawings[index].name === current)));
    draw();
  }

  function draw() {
    const drawn = drawings.find((each) => each.name === current);
    if (!drawn) return canvas.replaceChildren();
    const parsed = new DOMParser().parseFromString(drawn.svg, "image/svg+xml").documentElement;
    canvas.replaceChildren(document.importNode(parsed, true));
    for (const state of canvas.querySelectorAll("[data-state]")) {
      state.setAttribute("tabindex", "0");
      state.setAttribute("role", "button");
    }
    move(views[current] ?? fit());
    highlight(at);
  }

  function centre(state, dx, dy) {
    const { e, f } = state.transform.baseVal.consolidate().matrix, { width, height } = state.querySelector("rect");
    return [e + width.baseVal.value / 2 + dx, f + height.baseVal.value / 2 + dy];
  }

  function fit() {
    const { width, height } = box(), room = canvas.getBoundingClientRect();
    const scale = Math.min(1.15, Math.max(0.2, Math.min((room.width - 24) / width, (room.height - 24) / height)));
    return { scale, x: Math.max(12, (room.width - width * scale) / 2), y: Math.max(12, (room.height - height * scale) / 2) };
  }

  function move(view) {
    views[current] = view;
    const drawn = svg();
    drawn.style.setProperty("width", `${box().width * view.scale}px`);
    drawn.style.setProperty("height", `${box().height * view.scale}px`);
    drawn.style.setProperty("translate", `${view.x}px ${view.y}px`);
  }

  function zoom(factor, cx = canvas.clientWidth / 2, cy = canvas.clientHeight / 2) {
    const { x, y, scale } = views[current];
    const next = Math.min(3, Math.max(0.15, scale * factor));
    move({ scale: next, x: cx - ((cx - x) * next) / scale, y: cy - ((cy - y) * next) / scale });
  }

  function highlight(part) {
    at = part;
    for (const each of canvas.querySelectorAll("[data-selected]")) each.removeAttribute("data-selected");
    if (!part || part.path[0] !== "workflows") return;
    open(part.path[1]);
    const [, workflow, kind, name] = part.path;
    if (workflow === current && kind === "states") canvas.querySelector(`[data-state="${CSS.escape(name)}"]`)?.setAttribute("data-selected", "");
    if (workflow === current && kind === "actions") canvas.querySelectorAll(`[data-action="${CSS.escape(name)}"]`).forEach((each) => each.setAttribute("data-selected", ""));
  }

  pointer(canvas, {
    pan: (dx, dy) => svg() && move({ ...views[current], x: views[current].x + dx, y: views[current].y + dy }),
    zoom: (factor, x, y) => svg() && zoom(factor, x, y),
    scale: () => views[current].scale,
    pick: (element) => pick(element.dataset.state ? ["workflows", current, "states", element.dataset.state] : ["workflows", current, "actions", element.dataset.action]),
    drop: (state, dx, dy) => placed(current, state.dataset.state, ...centre(state, dx, dy)),
  });
  form.querySelectorAll("[data-zoom]").forEach((button) => button.addEventListener("click", () => {
    if (!svg()) return;
    if (button.dataset.zoom === "fit") move(fit());
    else if (button.dataset.zoom === "reset") placed(current, "", 0, 0);
    else zoom(button.dataset.zoom === "in" ? 1.25 : 0.8);
  }));
  return { show, highlight, current: () => current };
}
