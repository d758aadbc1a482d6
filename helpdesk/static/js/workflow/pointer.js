// Hands on the diagram: drag the ground to move it, drag a state to put it elsewhere, press it to pick it, wheel to move, with Ctrl or a pinch to zoom; arrows and + − by key.
const NEAR = 4; // pixels a press may tremble

export function pointer(canvas, { pan, zoom, scale, pick, drop }) {
  let held = null;
  const named = (event) => event.target.closest?.("[data-state], [data-action]");

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    held = { on: named(event), state: event.target.closest?.("[data-state]"), x: event.clientX, y: event.clientY, lastX: event.clientX, lastY: event.clientY, moved: false };
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!held) return;
    held.moved ||= Math.hypot(event.clientX - held.x, event.clientY - held.y) > NEAR;
    if (!held.moved) return;
    if (held.state) held.state.style.setProperty("translate", `${(event.clientX - held.x) / scale()}px ${(event.clientY - held.y) / scale()}px`);
    else pan(event.clientX - held.lastX, event.clientY - held.lastY);
    held.lastX = event.clientX;
    held.lastY = event.clientY;
    canvas.toggleAttribute("data-dragging", true);
  });
  const end = (event) => {
    if (!held) return;
    const { on, state, moved, x, y } = held;
    held = null;
    canvas.removeAttribute("data-dragging");
    if (!moved && on) pick(on);
    else if (moved && state) drop(state, (event.clientX - x) / scale(), (event.clientY - y) / scale());
  };
  canvas.addEventListener("pointerup", end);
  canvas.addEventListener("pointercancel", () => (held = null));
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    const room = canvas.getBoundingClientRect();
    if (event.ctrlKey || event.metaKey) zoom(Math.exp(-event.deltaY / 300), event.clientX - room.left, event.clientY - room.top);
    else pan(-event.deltaX, -event.deltaY);
  }, { passive: false });
  canvas.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [40, 0], ArrowRight: [-40, 0], ArrowUp: [0, 40], ArrowDown: [0, -40] }[event.key];
    const on = named(event);
    if (step) pan(...step);
    else if (event.key === "+" || event.key === "-") zoom(event.key === "+" ? 1.25 : 0.8);
    else if ((event.key === "Enter" || event.key === " ") && on) pick(on);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
}
