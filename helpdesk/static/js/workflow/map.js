// The diagram: one drawing a workflow, made by the server. Press a state or an action to jump to its lines, drag a state to put it elsewhere.
import { pointer } from "./pointer.js";
import { viewer } from "./view.js";

export function map(form, { pick, placed }) {
  const canvas = form.querySelector("[data-canvas]"), tabs = form.querySelector("[data-map-tabs]"), old = form.querySelector("[data-map-old]");
  const view = viewer(canvas);
  let drawings = [], current = "", at = null;

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
    canvas.replaceChildren(document.importNode(new DOMParser().parseFromString(drawn.svg, "image/svg+xml").documentElement, true));
    view.svg().setAttribute("role", "group"); // not one picture: its states can be pressed
    for (const state of canvas.querySelectorAll("[data-state]")) {
      state.setAttribute("tabindex", "0");
      state.setAttribute("role", "button");
    }
    view.shown(current);
    select();
  }

  /** The part at the cursor: its workflow is shown, and it is marked and in sight. */
  function highlight(part) {
    at = part;
    if (part?.path[0] === "workflows") open(part.path[1]);
    select();
    view.reveal(canvas.querySelector("[data-selected]"));
  }

  function select() {
    for (const each of canvas.querySelectorAll("[data-selected]")) each.removeAttribute("data-selected");
    const [, workflow, kind, name] = at?.path ?? [];
    if (workflow !== current || !name) return;
    for (const each of canvas.querySelectorAll(`[data-${kind === "states" ? "state" : "action"}="${CSS.escape(name)}"]`)) each.setAttribute("data-selected", "");
  }

  pointer(canvas, {
    pan: view.pan,
    zoom: view.zoom,
    scale: view.scale,
    pick: ({ dataset }) => pick(["workflows", current, ...(dataset.state ? ["states", dataset.state] : ["actions", dataset.action])]),
    drop: (state, dx, dy) => placed(current, state.dataset.state, ...centre(state, dx, dy)),
  });
  const does = {
    in: () => view.zoom(1.25),
    out: () => view.zoom(0.8),
    fit: () => view.fit(true),
    reset: () => placed(current, "", 0, 0),
    large: (button) => view.fit(button.setAttribute("aria-pressed", String(form.toggleAttribute("data-large-map")))),
  };
  form.querySelectorAll("[data-zoom]").forEach((button) => button.addEventListener("click", () => view.svg() && does[button.dataset.zoom](button)));
  return { show, highlight, current: () => current };
}

function centre(state, dx, dy) {
  const { e, f } = state.transform.baseVal.consolidate().matrix, { width, height } = state.querySelector("rect");
  return [e + width.baseVal.value / 2 + dx, f + height.baseVal.value / 2 + dy];
}
