// <b data-leaves="…">: the seconds until a reply leaves, counted down. That it has left is told by the ticket's bell.
function count() {
  for (const left of document.querySelectorAll("[data-leaves]")) {
    const seconds = Math.max(0, Math.ceil((Date.parse(left.dataset.leaves) - Date.now()) / 1000));
    if (left.textContent !== String(seconds)) left.textContent = seconds;
  }
}

setInterval(count, 250);
