// In the list beside a ticket, the row of the ticket that is open is marked, whichever came last, the list or the ticket.
const mark = () => {
  for (const link of document.querySelectorAll(".pane-list [data-row] a[href]")) {
    const here = new URL(link.href).pathname === location.pathname.replace(/\/do\/.*$/, "");
    if (here) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
};

for (const name of ["htmx:afterSettle", "htmx:pushedIntoHistory"]) document.addEventListener(name, mark);
