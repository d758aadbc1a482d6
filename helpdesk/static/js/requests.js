// What every htmx request of the desk carries, and what is said when one fails.
import { toast } from "./toast.js";

document.addEventListener("htmx:configRequest", (event) => {
  const token = document.querySelector("meta[name=csrf-token]")?.content;
  if (token) event.detail.headers["X-CSRFToken"] = token;
});

const say = (event) => {
  if (event.detail.elt?.dataset?.live !== undefined) return; // what a page looks up by itself, it looks up again
  if (event.detail.xhr?.getResponseHeader("HX-Trigger")) return; // the server said it itself, as a toast
  toast(document.getElementById("toasts").dataset.failed, "error");
};
// Whoever was signed out is led to sign in, but not away from what they are writing: a page looks things up by itself, too.
document.addEventListener("htmx:beforeOnLoad", (event) => {
  if (event.detail.xhr.status !== 401 || !document.querySelector("form.composer")) return;
  event.preventDefault();
  toast(document.getElementById("toasts").dataset.signedOut, "error");
});
document.addEventListener("htmx:responseError", say);
document.addEventListener("htmx:sendError", say);
