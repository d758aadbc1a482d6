// A mail in its sandboxed frame: as tall as its words, within reason; a button [data-taller="id of the frame"] lifts the bound. The frame
// keeps our origin and runs no script, so its height can be read from here.
import { every } from "./every.js";

const fit = (frame) => {
  const height = Math.ceil(frame.contentDocument?.body?.getBoundingClientRect().height ?? 0);
  if (!height) return;
  frame.height = height + 2; // css/prose.css bounds it; not a style, which htmx would copy and the page's policy forbid
  const button = document.querySelector(`[data-taller="${frame.id}"]`);
  if (button) button.hidden = frame.clientHeight >= height && !frame.hasAttribute("data-tall");
};

every("iframe.mail-frame", (frame) => {
  frame.addEventListener("load", () => fit(frame));
  fit(frame);
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-taller]");
  if (!button) return;
  const frame = document.getElementById(button.dataset.taller);
  button.setAttribute("aria-expanded", String(frame.toggleAttribute("data-tall")));
});
