// Where an answer goes when its place was drawn anew while it was on its way: somebody opened the next ticket, or what they did before was answered.
// Into the ticket's place comes what was asked for last; before it only what was refused, so that nothing that was written is lost. Into a place
// within the ticket it comes if that is of the same ticket. What a page looked up by itself goes nowhere: the page looks again.
const watched = new WeakSet();
const last = new Map(); // by the id of a place: the newest request of the reader's

const refused = (xhr) => xhr.status >= 400;
const ticketOf = (place) => place?.closest("[data-ticket]")?.dataset.ticket;

function go(event) {
  const { target: old, xhr, requestConfig: { elt, path } } = event.detail;
  if (event.target !== old || old.isConnected) return;
  const place = document.getElementById(old.id);
  const isLast = last.get(old.id) === xhr;
  const isMeant = place?.hasAttribute("data-ticket") ? isLast || refused(xhr) : ticketOf(place) === ticketOf(old);
  if (!place || !isMeant || elt.dataset.live !== undefined) return event.preventDefault();
  event.detail.target = place;
  if (!isLast) history.pushState({ htmx: true }, "", path.replace(/(\/tickets\/[^/]+).*/, "$1")); // back at the ticket that refused it
}

document.addEventListener("htmx:beforeSend", ({ detail: { target, xhr, requestConfig: { elt } } }) => {
  if (elt.dataset.live === undefined) last.set(target.id, xhr);
  if (watched.has(target)) return;
  watched.add(target);
  target.addEventListener("htmx:beforeSwap", go); // here, because a document hears nothing of what has left it
});
