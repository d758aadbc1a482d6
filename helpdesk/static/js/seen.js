// [data-mark-read="url"]: the ticket was opened and looked at. A POST, because looking must not change anything by itself.
import { every } from "./every.js";
import { ring } from "./live.js";

every("[data-mark-read]", (element) => {
  const tell = () => {
    if (document.hidden) return document.addEventListener("visibilitychange", tell, { once: true });
    const token = document.querySelector("meta[name=csrf-token]")?.content ?? "";
    fetch(element.dataset.markRead, { method: "POST", headers: { "X-CSRFToken": token, "HX-Request": "true" }, keepalive: true })
      .then(() => ring("unread")); // one less beside “Unread”
  };
  tell();
});
