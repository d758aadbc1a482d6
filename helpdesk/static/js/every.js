// Run a behaviour on each element it is meant for, now and whenever htmx brings new ones. An element is dressed once.
export function every(selector, dress) {
  const dressed = new WeakSet();
  const visit = (root) => {
    const found = [...root.querySelectorAll(selector)];
    if (root.matches?.(selector)) found.unshift(root);
    for (const element of found) {
      if (dressed.has(element)) continue;
      dressed.add(element);
      dress(element);
    }
  };
  visit(document);
  document.addEventListener("htmx:load", (event) => visit(event.detail.elt));
}
