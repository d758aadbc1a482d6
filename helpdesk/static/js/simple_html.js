// Cut foreign HTML (a paste, a default text) down to the handful of elements the editor knows. Parsed in a document without scripts.
const kept = new Set(["P", "BR", "B", "STRONG", "I", "EM", "U", "UL", "OL", "LI", "A", "BLOCKQUOTE", "CODE", "PRE", "DIV"]);
const dropped = new Set(["SCRIPT", "STYLE", "HEAD", "TITLE", "META", "LINK", "TEMPLATE", "NOSCRIPT"]);

export function simple(html) {
  const parsed = new DOMParser().parseFromString(html, "text/html");
  const result = document.createDocumentFragment();
  for (const child of parsed.body.childNodes) append(result, child);
  return result;
}

/** Plain text as HTML: escaped, line breaks as paragraphs. */
export function toHtml(text) {
  const escaped = Object.assign(document.createElement("i"), { textContent: text }).innerHTML;
  return escaped.split("\n\n").map((part) => `<p>${part.replaceAll("\n", "<br>") || "<br>"}</p>`).join("");
}

// A picture of our own that comes back in a text written before: its file is with the form, its look is not.
function picture(node) {
  const shown = Object.assign(document.createElement("img"), { alt: node.alt || node.dataset.cid });
  shown.dataset.cid = node.dataset.cid;
  return shown;
}

function append(parent, node) {
  if (node.nodeType === Node.TEXT_NODE) return parent.append(node.data);
  if (node.nodeType !== Node.ELEMENT_NODE || dropped.has(node.tagName)) return;
  if (node.tagName === "IMG" && /^picture-[a-z0-9]+$/.test(node.dataset.cid ?? "")) return parent.append(picture(node));
  const target = kept.has(node.tagName) ? document.createElement(node.tagName) : parent;
  if (node.tagName === "A" && /^(https?:|mailto:|tel:)/i.test(node.getAttribute("href") ?? "")) target.href = node.getAttribute("href");
  for (const child of node.childNodes) append(target, child);
  if (target !== parent) parent.append(target);
}
