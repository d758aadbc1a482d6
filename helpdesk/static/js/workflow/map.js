// The diagram: one drawing a workflow, made by the server. Press a state to jump to its lines, drag it to put it elsewhere, wheel or keys to move and zoom.
import { pointer } from "./pointer.js";

export function map(form, { pick, placed }) {
  const canvas = form.querySelector("[data-canvas]"), tabs = form.querySelector("[data-map-tabs]"), old = form.querySelector("[data-map-old]");
  const views = {}; // by workflow: {x, y, scale}
  const byHand = new Set(); // workflows whose view somebody chose
  let drawings = [], current = "", at = null;

  const svg = () => canvas.querySelector("svg");
  const box = () => svg()?.viewBox.baseVal;

  function show(told) {
    old.hidden = Boolean(told.drawings);
    if (!told.drawings && (drawings.length || !told.last)) return;
    drawings = told.drawings ?? told.last;
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
    svg().setAttribute("role", "group"); // not one picture: its states can be pressed
    for (const state of canvas.querySelectorAll("[data-state]")) {
      state.setAttribute("tabindex", "0");
      state.setAttribute("role", "button");
    }
    move(views[current] ?? fit());
    select();
  }

  function centre(state, dx, dy) {
    const { e, f } = state.transform.baseVal.consolidate().matrix, { width, height } = state.querySelector("rect");
    return [e + width.baseVal.value / 2 + dx, f + height.baseVal.value / 2 + dy];
  }

  function fit(least = 0.62) { // letters stay readable; whoever wants all of it at once presses “Fit”
    const { width, height } = box(), room = canvas.getBoundingClientRect();
    const scale = Math.min(1.15, Math.max(least, Math.min((room.width - 24) / width, (room.height - 24) / height)));
    return { scale, x: Math.max(12, (room.width - width * scale) / 2), y: (room.height - height * scale) / 2 };
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

  /** The part at the cursor: its workflow is shown, and it is marked and in sight. */
  function highlight(part) {
    at = part;
    if (part?.path[0] === "workflows") open(part.path[1]);
    select();
    reveal(canvas.querySelector("[data-selected]"));
  }

  function select() {
    for (const each of canvas.querySelectorAll("[data-selected]")) each.removeAttribute("data-selected");
    const [, workflow, kind, name] = at?.path ?? [];
    if (workflow !== current || !name) return;
    for (const each of canvas.querySelectorAll(`[data-${kind === "states" ? "state" : "action"}="${CSS.escape(name)}"]`)) each.setAttribute("data-selected", "");
  }

  function reveal(element) {
    if (!element) return;
    const room = canvas.getBoundingClientRect(), box = element.getBoundingClientRect(), view = views[current];
    const dx = box.left < room.left ? room.left - box.left + 24 : box.right > room.right ? room.right - box.right - 24 : 0;
    const dy = box.top < room.top ? room.top - box.top + 24 : box.bottom > room.bottom ? room.bottom - box.bottom - 24 : 0;
    if (dx || dy) move({ ...view, x: view.x + dx, y: view.y + dy });
  }

  function large(button) {
    button.setAttribute("aria-pressed", String(form.toggleAttribute("data-large-map")));
    move(fit());
  }

  // Until somebody moves it by hand it fits, also when its place on a narrow screen is opened for the first time.
  new ResizeObserver(() => svg() && !byHand.has(current) && move(fit())).observe(canvas);
  pointer(canvas, {
    pan: (dx, dy) => svg() && byHand.add(current) && move({ ...views[current], x: views[current].x + dx, y: views[current].y + dy }),
    zoom: (factor, x, y) => svg() && byHand.add(current) && zoom(factor, x, y),
    scale: () => views[current].scale,
    pick: (element) => pick(element.dataset.state ? ["workflows", current, "states", element.dataset.state] : ["workflows", current, "actions", element.dataset.action]),
    drop: (state, dx, dy) => placed(current, state.dataset.state, ...centre(state, dx, dy)),
  });
  form.querySelectorAll("[data-zoom]").forEach((button) => button.addEventListener("click", () => {
    if (!svg()) return;
    if (button.dataset.zoom === "large") return large(button);
    if (button.dataset.zoom === "fit") move(fit(0.15));
    else if (button.dataset.zoom === "reset") placed(current, "", 0, 0);
    else zoom(button.dataset.zoom === "in" ? 1.25 : 0.8);
  }));
  return { show, highlight, current: () => current };
}
