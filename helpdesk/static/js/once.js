// A form is sent once: its button is busy until the answer is here. Every form, unless it says data-many. (The server holds the nonce that counts.)
const busy = (form, value) => {
  for (const button of form.querySelectorAll("button[type=submit], button:not([type])")) {
    if (value) button.setAttribute("aria-busy", "true");
    else button.removeAttribute("aria-busy");
  }
  form.toggleAttribute("data-sent", value);
};

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.getAttribute("method") !== "post" || form.hasAttribute("data-many") || event.defaultPrevented && !form.closest("[hx-post]")) return;
  if (form.hasAttribute("data-sent")) return event.preventDefault();
  setTimeout(() => busy(form, true)); // after the browser has gathered the values, the pressed button's among them
});

document.addEventListener("htmx:afterRequest", (event) => event.target.matches?.("form") && busy(event.target, false));
addEventListener("pageshow", (event) => event.persisted && document.querySelectorAll("form[data-sent]").forEach((form) => busy(form, false)));
