// Pictures in a text that is being written: pasted or dropped on the sheet they stand in it at once, and are sent among the form's files. The text
// speaks of each by its file's name (data-cid); the server makes them pictures of the message. A form without files takes none.
const kinds = { "image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp" };

/** Whether the form takes files, and these are pictures. */
export const pictures = (area, files) => (area.form?.querySelector("[data-drop]") ? [...files].filter((file) => kinds[file.type]) : []);

/** The picture as an element for the sheet; its file is with the form's files. */
export async function takeIn(area, file) {
  const name = `picture-${[...crypto.getRandomValues(new Uint8Array(8))].map((part) => part.toString(16).padStart(2, "0")).join("")}`;
  const called = new File([file], `${name}.${kinds[file.type]}`, { type: file.type });
  const shown = Object.assign(document.createElement("img"), { src: await address(file), alt: "" });
  shown.dataset.cid = name;
  area.form.querySelector("[data-drop]").dispatchEvent(new CustomEvent("enter", { detail: [called] }));
  return shown;
}

/** The sheet's HTML as it is sent: pictures by their names alone. */
export function written(sheet) {
  const copy = sheet.cloneNode(true);
  for (const shown of copy.querySelectorAll("img[data-cid]")) shown.removeAttribute("src");
  return copy.innerHTML;
}

const address = (file) => new Promise((done) => {
  const reader = new FileReader();
  reader.addEventListener("load", () => done(reader.result));
  reader.readAsDataURL(file);
});
