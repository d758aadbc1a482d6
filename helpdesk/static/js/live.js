// The doorbell: the server says which room rang, and the page fetches the HTML by the ordinary, permission-checked address.
// <body data-live="queue ticket:42"> names the rooms; an element with data-live="ticket:42" hx-get="…" hx-trigger="doorbell" is fetched again when
// its room rings; with data-live-gap="5" at most every so many seconds, and not while nobody looks. Protocol: we emit `join` with a list of rooms, the server emits `ring` {room}. Without the stream every 20 seconds is a ring.
const ringing = new Set();
let connected = false;

const held = new WeakSet();
const last = new WeakMap();

export function ring(room) {
  if (ringing.has(room)) return; // several events in a breath are one fetch
  ringing.add(room);
  setTimeout(() => {
    ringing.delete(room);
    for (const element of document.querySelectorAll("[data-live][hx-get]")) {
      if (!room || element.dataset.live.split(" ").includes(room)) fetchAgain(element);
    }
  }, 150);
}

function fetchAgain(element) {
  const gap = 1000 * (element.dataset.liveGap ?? 0);
  if (!gap) return window.htmx.trigger(element, "doorbell");
  if (held.has(element)) return; // it will be fetched soon, and then knows this as well
  held.add(element);
  const early = Math.max(0, gap - (Date.now() - (last.get(element) ?? 0)));
  setTimeout(() => whenSeen(() => {
    held.delete(element);
    last.set(element, Date.now());
    window.htmx.trigger(element, "doorbell");
  }), early + Math.random() * 500); // many pages heard the same bell: not all in one breath
}

function whenSeen(then) {
  if (!document.hidden) return then();
  document.addEventListener("visibilitychange", () => whenSeen(then), { once: true });
}

const rooms = () => [...new Set([...document.querySelectorAll("[data-live]")].flatMap((element) => element.dataset.live.split(" ")).filter(Boolean))];

async function listen() {
  const { io } = await import(document.body.dataset.socket);
  const socket = io({ transports: ["websocket"], reconnectionDelayMax: 10000 });
  let before = false;
  socket.on("connect", () => {
    connected = true;
    socket.emit("join", rooms(), () => (document.documentElement.dataset.listens = "")); // from now on no ring is missed
    if (before) ring(""); // what rang meanwhile was missed: look once
    before = true;
  });
  socket.on("disconnect", (reason) => {
    connected = false;
    delete document.documentElement.dataset.listens;
    // Cut off by the desk, because a right changed: come back once and join what may still be heard.
    if (reason === "io server disconnect") setTimeout(() => socket.connect(), 2000 + Math.random() * 3000);
  });
  socket.on("ring", ({ room }) => ring(room));
  document.addEventListener("htmx:afterSettle", () => connected && socket.emit("join", rooms()));
}

// Where the stream's own code did not come, the page looks by itself as below, and tries again.
const tryToListen = () => listen().catch(() => setTimeout(tryToListen, 20000));

if (rooms().length) {
  tryToListen();
  setInterval(() => connected || document.hidden || ring(""), 20000);
  document.addEventListener("visibilitychange", () => document.hidden || connected || ring(""));
}
