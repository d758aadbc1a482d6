// A sandboxed mail cannot tell its height, so its frame offers more room on demand: a button [data-taller="id of the frame"].
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-taller]");
  if (!button) return;
  const tall = document.getElementById(button.dataset.taller).toggleAttribute("data-tall");
  button.setAttribute("aria-expanded", String(tall));
});
