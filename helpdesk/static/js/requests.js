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
document.addEventListener("htmx:responseError", say);
document.addEventListener("htmx:sendError", say);
