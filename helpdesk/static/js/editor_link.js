// The editor's line for a link's address: it opens below the tools and gives back the address, or nothing. The selection survives it.
export function askAddress(bar, words) {
  const selection = getSelection();
  const range = selection.rangeCount ? selection.getRangeAt(0).cloneRange() : null;
  const line = Object.assign(document.createElement("div"), { className: "editor-link" });
  const input = Object.assign(document.createElement("input"), { className: "input", type: "url", value: "https://", dir: "ltr" });
  const set = Object.assign(document.createElement("button"), { className: "button", type: "button", textContent: words.set ?? "OK" });
  input.setAttribute("aria-label", words.address ?? "https://");
  line.append(input, set);
  bar.parentElement.querySelector(".editor-link")?.remove();
  bar.after(line);
  input.focus();

  return new Promise((resolve) => {
    const finish = (address) => {
      line.remove();
      if (range) {
        selection.removeAllRanges();
        selection.addRange(range);
      }
      resolve(/^(https?:\/\/|mailto:).+/.test(address) ? address : "");
    };
    set.addEventListener("click", () => finish(input.value.trim()));
    line.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== "Escape") return;
      event.preventDefault();
      event.stopPropagation();
      finish(event.key === "Enter" ? input.value.trim() : "");
    });
  });
}
