// What a condition of the workflow file means, said once more for the page: `truth(tree, read)` of a tree that web/conditional.py made.
// The server says it in workflows/conditions, and decides; tests/browser holds the two against each other.
// A value is null (missing), true or false, a text, a list, or a Num: a decimal that passes through no float.

export class Num {
  constructor(digits, scale) {
    [this.digits, this.scale] = [digits, scale];
  }

  static read(text) {
    const found = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,3}))?$/i.exec(text.trim());
    if (!found || !(found[2] || found[3])) return null;
    const places = (found[3] ?? "").length - Number(found[4] ?? 0);
    const digits = BigInt(found[1].replace("+", "") + found[2] + (found[3] ?? "")) * (places < 0 ? 10n ** BigInt(-places) : 1n);
    return new Num(digits, Math.max(0, places));
  }

  at(scale) {
    return this.digits * 10n ** BigInt(scale - this.scale);
  }
}

const isNum = (value) => value instanceof Num;
const isText = (value) => typeof value === "string";
const aligned = (one, other, scale = Math.max(one.scale, other.scale)) => [one.at(scale), other.at(scale), scale];

// A value as it is written in the tree.
function known(plain) {
  if (Array.isArray(plain)) return plain.length ? plain.map(known) : null;
  if (plain && typeof plain === "object") return Num.read(plain.n);
  return plain === "" ? null : plain;
}

// What somebody entered into a field of this kind, as the server reads it; undefined for what it would refuse. `raws`: all that the form sends of it.
export function entered(kind, raws, unit = "") {
  if (!raws.length) return undefined;
  const last = String(raws.at(-1));
  if (kind === "multichoice") return raws.filter(Boolean).length ? raws.filter(Boolean) : null;
  if (kind === "checkbox" || kind === "agreement") return last === "yes";
  if (!last.trim()) return null;
  if (["number", "money", "rating"].includes(kind)) return amount(kind === "money" && unit && last.trim().endsWith(unit) ? last.trim().slice(0, -unit.length) : last);
  const text = last.trim();
  if (kind === "text") return text.replace(/\s+/g, " ");
  return kind === "user" ? text.toLowerCase() : kind === "choice" ? last : text;
}

function amount(raw) {
  const text = raw.replace(/[\s\u00a0\u202f']/g, "");
  const pointed = text.split(",").length === 2 && !text.includes(".") ? text.replace(",", ".") : text;
  return Num.read(pointed) ?? undefined;
}

const number = (text) => (text.length < 40 ? Num.read(text) : null) ?? text;

function alike(one, other) {
  if (isNum(one) && isText(other)) return [one, number(other)];
  if (isText(one) && isNum(other)) return [number(one), other];
  return [one, other];
}

function same(left, right) {
  const [one, other] = alike(left, right);
  if (isNum(one) && isNum(other)) return aligned(one, other)[0] === aligned(one, other)[1];
  return !Array.isArray(one) && one === other;
}

// Texts in the order of their characters, which is not that of their halves.
function order(left, right) {
  const [one, other] = alike(left, right);
  if (isNum(one) && isNum(other)) {
    const [a, b] = aligned(one, other);
    return a < b ? -1 : a > b ? 1 : 0;
  }
  if (!isText(one) || !isText(other)) return null;
  const [a, b] = [[...one], [...other]];
  const at = a.findIndex((letter, place) => letter !== b[place]);
  if (at < 0) return a.length < b.length ? -1 : 0;
  return at >= b.length || a[at].codePointAt(0) > b[at].codePointAt(0) ? 1 : -1;
}

function within(left, right) {
  if (isText(right)) return isText(left) && right.includes(left);
  return Array.isArray(right) && right.some((each) => each !== null && same(left, each));
}

const ordered = (fits) => (left, right) => {
  const found = order(left, right);
  return found !== null && fits(found);
};

const OPERATORS = {
  eq: same,
  ne: (left, right) => !same(left, right),
  gt: ordered((found) => found > 0),
  gteq: ordered((found) => found >= 0),
  lt: ordered((found) => found < 0),
  lteq: ordered((found) => found <= 0),
  in: within,
  notin: (left, right) => !within(left, right),
};

const holds = (value) => (isNum(value) ? value.digits !== 0n : Array.isArray(value) ? value.length > 0 : Boolean(value));
const sum = (sign) => (one, other) => {
  const [a, b, scale] = aligned(one, other);
  return new Num(a + sign * b, scale);
};
const ARITHMETIC = { add: sum(1n), sub: sum(-1n), mul: (one, other) => new Num(one.digits * other.digits, one.scale + other.scale) };
const FILTERS = {
  lower: (value) => (isText(value) ? value.toLowerCase() : value),
  upper: (value) => (isText(value) ? value.toUpperCase() : value),
  trim: (value) => (isText(value) ? value.trim() || null : value),
  length: (value) => (isText(value) ? new Num(BigInt([...value].length), 0) : Array.isArray(value) ? new Num(BigInt(value.length), 0) : null),
  abs: (value) => (isNum(value) ? new Num(value.digits < 0n ? -value.digits : value.digits, value.scale) : null),
};

// `read(name, kind)`: what the form holds of a field now; undefined where it says nothing, so that what the ticket holds counts.
function evaluate([word, ...parts], read) {
  const part = (place) => evaluate(parts[place], read);
  switch (word) {
    case "value":
      return known(parts[0]);
    case "field": {
      const said = read(parts[0], parts[1]);
      return said === undefined ? known(parts[2]) : said;
    }
    case "list":
      return parts.map((each) => evaluate(each, read));
    case "and": {
      const left = part(0);
      return holds(left) ? part(1) : left;
    }
    case "or": {
      const left = part(0);
      return holds(left) ? left : part(1);
    }
    case "not":
      return !holds(part(0));
    case "if":
      return holds(part(0)) ? part(1) : part(2);
    case "minus": {
      const value = part(0);
      return isNum(value) ? new Num(-value.digits, value.scale) : null;
    }
    case "filter": {
      const value = part(1);
      return value === null ? null : FILTERS[parts[0]](value);
    }
    case "test":
      return (part(1) !== null) === (parts[0] === "defined");
    case "compare":
      return compared(part(0), parts.slice(1), read);
    default: {
      const [one, other] = [part(0), part(1)];
      return isNum(one) && isNum(other) ? ARITHMETIC[word](one, other) : null;
    }
  }
}

function compared(first, rest, read) {
  let left = first;
  for (const [operator, node] of rest) {
    const right = evaluate(node, read);
    if (left === null || right === null || !OPERATORS[operator](left, right)) return false;
    left = right;
  }
  return true;
}

export const truth = (tree, read) => holds(evaluate(tree, read));
