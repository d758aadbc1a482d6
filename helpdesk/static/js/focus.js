// After a fragment arrives the focus goes where work goes on: [data-focus], else the field marked autofocus. And the thread opens at its end.
import { every } from "./every.js";

every("[data-focus], .composer [autofocus]", (element) => element.focus());

every("[data-open-at-end]", (thread) => {
  const unread = thread.querySelector(".unread-line");
  if (unread) unread.scrollIntoView({ block: "start" });
  else thread.scrollTop = thread.scrollHeight;
});
