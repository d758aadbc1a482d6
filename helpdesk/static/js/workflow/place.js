// Where in the language the cursor stands: the keys above it, by indentation and, on its own line, by brackets. Good enough while a line is half written.
const LINE = /^(\s*)((?:- +)*)(?:("[^"]*"|'[^']*'|[\w.-]+)\s*:(?:\s|$))?(.*)$/;

/** {path, key}: `#` stands for an item of a list; `key`: a key is being written, else a value. */
export function place(state, pos) {
  const line = state.doc.lineAt(pos);
  const [, indent, dashes, rest] = /^(\s*)((?:- +)*)(.*)$/.exec(line.text.slice(0, pos - line.from));
  const path = above(state, line.number, indent.length + dashes.length, indent.length, dashes);
  const [, key, value] = /^("[^"]*"|'[^']*'|[\w.-]+)\s*:(?:\s+(.*)|)$/.exec(rest) ?? [];
  if (key === undefined) return /^[[{]/.test(rest) ? inside(path, rest) : { path, key: true };
  path.push(bare(key));
  return /^[[{]/.test(value ?? "") ? inside(path, value) : { path, key: false };
}

function above(state, from, column, indent, dashes) {
  const path = [];
  let cursor = column;
  if (dashes) {
    path.unshift("#");
    cursor = indent;
  }
  let listed = Boolean(dashes); // looking for the key of a list, which may stand in the same column
  for (let number = from - 1; number > 0 && (cursor > 0 || listed); number--) {
    const text = state.doc.line(number).text;
    if (!text.trim() || text.trimStart().startsWith("#")) continue;
    const [, spaces, marks, key] = LINE.exec(text);
    const at = spaces.length + marks.length;
    if (marks && at === cursor && !listed) {
      path.unshift("#");
      cursor = spaces.length;
      listed = true;
    } else if (key && (at < cursor || (listed && at === cursor && !marks))) {
      path.unshift(bare(key));
      cursor = at;
      listed = false;
      if (marks) {
        path.unshift("#");
        cursor = spaces.length;
        listed = true;
      }
    }
  }
  return path;
}

function inside(path, text) {
  const open = [];
  let word = "";
  for (const c of text.replace(/"[^"]*"|'[^']*'/g, "x")) {
    if (c === "{" || c === "[") open.push({ list: c === "[", key: null });
    else if (c === "}" || c === "]") open.pop();
    else if (c === "," && open.length) open.at(-1).key = null;
    else if (c === ":" && open.length && !open.at(-1).list) open.at(-1).key ??= word.trim();
    word = /[\w.-]/.test(c) ? word + c : c === ":" ? word : "";
  }
  const found = [...path];
  for (const each of open) {
    if (each.list) found.push("#");
    else if (each.key) found.push(each.key);
  }
  return { path: found, key: Boolean(open.length) && !open.at(-1).list && !open.at(-1).key };
}

const bare = (key) => key.replace(/^["']|["']$/g, "");
