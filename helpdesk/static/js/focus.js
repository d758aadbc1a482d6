// After a fragment arrives the focus goes where work goes on: [data-focus], else the field marked autofocus, behind its greeting.
// [data-open-at-end]: the thread opens at what is unread, else at its end, and stays at its end while things grow around it.
import { every } from "./every.js";

every("[data-focus], .composer [autofocus]", (element) => {
  element.focus();
  if (element.matches("textarea") && element.value) {
    const gap = element.value.indexOf("\n\n");
    element.selectionStart = element.selectionEnd = gap < 0 ? element.value.length : gap + 2;
  }
});

// What was done replaced the very button or form that had the focus: go on reading at the ticket, not at the top of the page.
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.id === "ticket" && document.activeElement === document.body) event.target.focus({ preventScroll: true });
});

every("[data-open-at-end]", (thread) => {
  const unread = thread.querySelector(".unread-line");
  if (unread) unread.scrollIntoView({ block: "start" });
  else thread.scrollTop = thread.scrollHeight;
  let atEnd = true;
  const stay = () => atEnd && (thread.scrollTop = thread.scrollHeight);
  const look = () => (atEnd = thread.scrollHeight - thread.scrollTop - thread.clientHeight < 24);
  look();
  thread.addEventListener("scroll", look, { passive: true });
  const watch = new ResizeObserver(stay);
  watch.observe(thread);
  for (const child of thread.children) watch.observe(child);
});
