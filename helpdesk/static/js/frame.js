// A mail in its sandboxed frame: as tall as its words, within reason; a button [data-taller="id of the frame"] lifts the bound. The frame
// keeps our origin and runs no script, so its height can be read from here.
import { every } from "./every.js";

const fit = (frame) => {
  const page = frame.contentDocument?.documentElement;
  if (page?.scrollHeight) frame.style.blockSize = `${page.scrollHeight}px`;
  const button = document.querySelector(`[data-taller="${frame.id}"]`);
  if (button) button.hidden = !frame.hasAttribute("data-tall") && frame.scrollHeight <= frame.clientHeight && (page?.scrollHeight ?? 0) <= frame.clientHeight;
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
