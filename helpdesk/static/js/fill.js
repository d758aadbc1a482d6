// A button with data-fill='{"email": "…"}' fills in the fields of that name; then Enter sends.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-fill]");
  if (!button) return;
  const filled = Object.entries(JSON.parse(button.dataset.fill)).map(([name, value]) => {
    const field = document.querySelector(`[name="${CSS.escape(name)}"]`);
    field.value = value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    return field;
  });
  filled[0]?.form?.querySelector("button:not([type=button])")?.focus();
});
