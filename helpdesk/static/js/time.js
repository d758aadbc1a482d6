// <time datetime data-ago>: keeps "3h" fresh while the page stands open, in the page's language.
const format = new Intl.RelativeTimeFormat(document.documentElement.lang, { style: "narrow", numeric: "always" });
const units = [["day", 86400], ["hour", 3600], ["minute", 60]];
const plain = new Map(units.map(([unit]) => [unit, new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit, unitDisplay: "narrow" })]));

export function ago(seconds) {
  const [unit, size] = units.find(([, size]) => seconds >= size) ?? ["minute", 60];
  return plain.get(unit).format(Math.max(1, Math.floor(seconds / size)));
}

function soon(seconds) {
  const [unit, size] = units.find(([, size]) => seconds >= size) ?? ["minute", 60];
  return format.format(Math.ceil(seconds / size), unit);
}

function refresh() {
  for (const time of document.querySelectorAll("time[data-ago]")) {
    const seconds = (Date.now() - Date.parse(time.dateTime)) / 1000;
    if (seconds > 604800) continue; // weeks and more do not grow stale while a page stands open
    time.textContent = seconds > -60 ? ago(seconds) : soon(-seconds);
  }
}

setInterval(refresh, 60000);
document.addEventListener("visibilitychange", () => document.hidden || refresh());
