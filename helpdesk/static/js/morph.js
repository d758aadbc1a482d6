// What the doorbell brings is swapped by “morph” (idiomorph): what is different is changed, the rest stays where it stands, so that a click that has
// begun ends, the focus stays, and an open menu or drawer stays open. An element with an id becomes no other: each action has its own.
// Some marks are the reader's and not the server's, which knows nothing of them.
const theirs = ["open", "data-at", "data-current", "data-sent", "aria-busy"];

window.Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name) => !theirs.includes(name);
