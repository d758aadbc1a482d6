// Which part of a drawing is seen and how large: fitted until somebody moves it by hand. Each drawing, by its name, keeps its own.
const READABLE = 0.62, LARGEST = 3, SMALLEST = 0.15;

export function viewer(canvas) {
  const views = {}, byHand = new Set();
  let name = "";

  const svg = () => canvas.querySelector("svg");
  const box = () => svg().viewBox.baseVal;

  function fitted(least) {
    const { width, height } = box(), room = canvas.getBoundingClientRect();
    const scale = Math.min(1.15, Math.max(least, Math.min((room.width - 24) / width, (room.height - 24) / height)));
    return { scale, x: Math.max(12, (room.width - width * scale) / 2), y: (room.height - height * scale) / 2 };
  }

  function move(view) {
    views[name] = view;
    const { style } = svg();
    style.setProperty("width", `${box().width * view.scale}px`);
    style.setProperty("height", `${box().height * view.scale}px`);
    style.setProperty("translate", `${view.x}px ${view.y}px`);
  }

  function pan(dx, dy) {
    if (!svg()) return;
    byHand.add(name);
    move({ ...views[name], x: views[name].x + dx, y: views[name].y + dy });
  }

  function zoom(factor, cx = canvas.clientWidth / 2, cy = canvas.clientHeight / 2) {
    if (!svg()) return;
    byHand.add(name);
    const { x, y, scale } = views[name], next = Math.min(LARGEST, Math.max(SMALLEST, scale * factor));
    move({ scale: next, x: cx - ((cx - x) * next) / scale, y: cy - ((cy - y) * next) / scale });
  }

  function reveal(element) {
    if (!element) return;
    const room = canvas.getBoundingClientRect(), at = element.getBoundingClientRect();
    const dx = at.left < room.left ? room.left - at.left + 24 : at.right > room.right ? room.right - at.right - 24 : 0;
    const dy = at.top < room.top ? room.top - at.top + 24 : at.bottom > room.bottom ? room.bottom - at.bottom - 24 : 0;
    if (dx || dy) move({ ...views[name], x: views[name].x + dx, y: views[name].y + dy });
  }

  // Also when its place on a narrow screen is opened for the first time.
  new ResizeObserver(() => svg() && !byHand.has(name) && move(fitted(READABLE))).observe(canvas);

  return {
    pan, zoom, reveal, svg,
    scale: () => views[name].scale,
    /** Another drawing stands in the canvas now. */
    shown: (drawing) => move(views[(name = drawing)] ?? fitted(READABLE)),
    /** Letters stay readable; `all`: everything at once, however small. */
    fit: (all) => svg() && move(fitted(all ? SMALLEST : READABLE)),
  };
}
