// The doorbell: the server says which room rang, and the page fetches the HTML by the ordinary, permission-checked address.
// An element with data-live="queue ticket:42" hx-get="…" hx-trigger="doorbell" names the rooms it listens to and is fetched again when one of them
// rings; with data-live-gap="5" at most every so many seconds, and not while nobody looks. data-drawn is the server's moment at which
// what the element shows began to be drawn. Protocol: we emit `join` with a list of [room, drawn] and are answered with those that rang since;
// the server emits `ring` {room}. Without the stream every 20 seconds is a ring.
const ringing = new Set();
let connected = false;

const held = new WeakSet(); // will be fetched before long
const asked = new WeakSet(); // is being fetched
const last = new WeakMap();

const listening = () => [...document.querySelectorAll("[data-live]")];
const roomsOf = (element) => element.dataset.live.split(" ").filter(Boolean);

export function ring(room) {
  if (ringing.has(room)) return; // several events in a breath are one fetch
  ringing.add(room);
  setTimeout(() => {
    ringing.delete(room);
    for (const element of listening()) {
      if (!room || roomsOf(element).includes(room)) fetchAgain(element);
    }
  }, 150);
}

function fetchAgain(element) {
  if (!element.hasAttribute("hx-get")) return;
  const gap = 1000 * (element.dataset.liveGap ?? 0);
  if (!gap) return fetchNow(element);
  if (held.has(element)) return; // it will be fetched soon, and then knows this as well
  held.add(element);
  const early = Math.max(0, gap - (Date.now() - (last.get(element) ?? 0)));
  setTimeout(() => whenSeen(() => {
    held.delete(element);
    last.set(element, Date.now());
    fetchNow(element);
  }), early + Math.random() * 500); // many pages heard the same bell: not all in one breath
}

function fetchNow(element) {
  asked.add(element);
  window.htmx.trigger(element, "doorbell");
}

function whenSeen(then) {
  if (!document.hidden) return then();
  document.addEventListener("visibilitychange", () => whenSeen(then), { once: true });
}

function join(socket) {
  const wanted = listening().flatMap((element) => roomsOf(element).map((room) => [room, element.dataset.drawn ?? ""]));
  socket.emit("join", wanted, (late) => {
    document.documentElement.dataset.listens = ""; // from now on no ring is missed
    for (const element of listening()) {
      const missed = late.some(([room, drawn]) => element.dataset.drawn === drawn && roomsOf(element).includes(room));
      if (missed && !asked.has(element)) fetchAgain(element); // what is on its way will be asked about when it is here
    }
  });
}

// Before the join that follows a fetch, so that it tells when this was drawn.
document.addEventListener("htmx:beforeSwap", ({ detail: { xhr, shouldSwap, requestConfig: { elt } } }) => {
  const drawn = xhr.getResponseHeader("Drawn");
  if (shouldSwap && drawn && elt.dataset.drawn) elt.dataset.drawn = drawn;
  asked.delete(elt);
});
document.addEventListener("htmx:afterRequest", ({ detail: { requestConfig } }) => asked.delete(requestConfig.elt));

async function listen() {
  const { io } = await import(document.body.dataset.socket);
  const socket = io({ transports: ["websocket"], reconnectionDelayMax: 10000 });
  let cutOff = false;
  socket.on("connect", () => {
    connected = true;
    join(socket);
    if (cutOff) ring(""); // what may be seen is not what it was
    cutOff = false;
  });
  socket.on("disconnect", (reason) => {
    connected = false;
    delete document.documentElement.dataset.listens;
    // Cut off by the desk, because a right changed: come back once and join what may still be heard.
    cutOff = reason === "io server disconnect";
    if (cutOff) setTimeout(() => socket.connect(), 2000 + Math.random() * 3000);
  });
  socket.on("ring", ({ room }) => ring(room));
  document.addEventListener("htmx:afterSettle", () => connected && join(socket));
}

// Where the stream's own code did not come, the page looks by itself as below, and tries again.
const tryToListen = () => listen().catch(() => setTimeout(tryToListen, 20000));

if (listening().some((element) => roomsOf(element).length)) {
  tryToListen();
  setInterval(() => connected || document.hidden || ring(""), 20000);
  document.addEventListener("visibilitychange", () => document.hidden || connected || ring(""));
}
