// Completion from the language's schema: keys by place, words of a choice, and the names that the text itself has.
import { place } from "./place.js";

const RECIPIENTS = ["customer", "assignee", "group", "followers", "approvers"];

/** A completion source. `schema()` and `names()` give what is known so far. */
export function completion(schema, names) {
  return (context) => {
    const word = context.matchBefore(/[\w.:-]*/);
    const whole = schema();
    if (!whole || context.state.doc.lineAt(context.pos).text.trimStart().startsWith("#")) return null;
    const at = place(context.state, context.pos);
    if (!context.explicit && at.key && word.from === word.to) return null;
    const found = follow(whole, at.path);
    const options = at.key ? [...keys(whole, found), ...(at.path.at(-1) === "#" ? values(whole, found, names(), at.path) : [])] : values(whole, found, names(), at.path);
    return options.length ? { from: word.from, options, validFor: /^[\w.:-]*$/ } : null;
  };
}

/** What the language says about the key at a position; nothing where there is none. */
export function explained(whole, state, pos) {
  const line = state.doc.lineAt(pos), key = [...line.text.matchAll(/[\w-]+(?=\s*:(?:\s|$))/g)].find((each) => line.from + each.index <= pos && pos <= line.from + each.index + each[0].length);
  if (!whole || !key) return null;
  const at = place(state, line.from + key.index);
  const said = follow(whole, at.path).map((node) => properties(node)[key[0]]?.description).find(Boolean);
  return said ? { from: line.from + key.index, to: line.from + key.index + key[0].length, key: key[0], said } : null;
}

function follow(whole, path) {
  let here = variants(whole, whole);
  for (const step of path) {
    here = here.flatMap((each) => {
      const next = step === "#" ? each.items : (properties(each)[step] ?? (typeof each.additionalProperties === "object" ? each.additionalProperties : null));
      return next ? variants(whole, next) : [];
    });
  }
  return here;
}

function variants(whole, node) {
  const known = node.$ref ? { ...whole.$defs[node.$ref.split("/").pop()], ...node, $ref: undefined } : node;
  return known.anyOf ? known.anyOf.flatMap((each) => variants(whole, { ...each, "x-means": each["x-means"] ?? known["x-means"] })) : [known];
}

function properties(node) {
  const own = (node.allOf ?? []).map((each) => each.then?.properties ?? {});
  return Object.assign({}, ...own, node.properties);
}

function keys(whole, found) {
  return found.flatMap((node) =>
    Object.entries(properties(node)).map(([name, what]) => ({
      label: name,
      apply: `${name}: `,
      info: what.description,
      detail: node.required?.includes(name) ? "*" : "",
      boost: node.required?.includes(name) ? 1 : 0,
    })),
  );
}

function values(whole, found, names, path) {
  return found.flatMap((node) => {
    if (node.type === "array" && node.items) return values(whole, variants(whole, node.items), names, path).map((each) => ({ ...each, apply: `[${each.label}]` }));
    const words = node.enum ?? (node.const ? [node.const] : node.type === "boolean" ? ["true", "false"] : []);
    const named = node["x-means"] ? meant(node["x-means"], names, path[0] === "workflows" ? path[1] : "") : {};
    return [...words.map((label) => ({ label: String(label) })), ...Object.entries(named).map(([label, detail]) => ({ label, detail }))];
  });
}

function meant(what, names, workflow) {
  const states = names.states?.[workflow] ?? {}, actions = names.actions?.[workflow] ?? {};
  const roles = names.roles ?? {}, people = { ...roles, ...names.groups };
  const fixed = (...words) => Object.fromEntries(words.map((word) => [word, ""]));
  const known = {
    state: states, target: { ...states, ...fixed("same") }, action: actions, "action or again": { ...actions, ...fixed("again") },
    who: { ...people, ...fixed("assignee", "everyone") }, seer: { ...people, ...fixed("everyone") },
    recipient: { ...fixed(...RECIPIENTS), ...Object.fromEntries(Object.entries(roles).map(([name, label]) => [`role:${name}`, label])) },
    role: roles, group: names.groups, email: names.emails, calendar: names.calendars, webhook: names.webhooks, workflow: names.workflows, source: names.sources, strategy: names.routing, enclosure: names.enclosures,
    field: { ...names.fields, ...fixed("message", "files", "subject", "name", "email", "phone") },
  };
  return known[what] ?? {};
}
