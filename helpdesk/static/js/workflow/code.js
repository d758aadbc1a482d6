// The text as code: one CodeMirror for all files of the workflow, each with its own undo. Without script the text areas are what there is.
import { Decoration, EditorState, EditorView, RangeSetBuilder, StateEffect, StateField, autocompletion, bracketMatching, closeBrackets, closeBracketsKeymap, codeFolding, completionKeymap, defaultKeymap, drawSelection, dropCursor, foldGutter, foldKeymap, hoverTooltip, highlightActiveLine, highlightActiveLineGutter, highlightSelectionMatches, highlightSpecialChars, history, historyKeymap, indentService, indentUnit, indentWithTab, keymap, lineNumbers, lintGutter, lintKeymap, search, searchKeymap, setDiagnostics, syntaxHighlighting, yaml } from "../../vendor/codemirror-6.43.15.esm.min.js";
import { colours, theme } from "./theme.js";

// A new line stands where the one above does, and deeper below a key that waits for its value.
const indented = indentService.of((context, pos) => {
  const above = context.lineAt(pos, -1), text = above.text.trim() ? above.text : context.state.doc.lineAt(Math.max(0, pos - 1)).text;
  const [, spaces, dash] = /^(\s*)((?:- +)*)/.exec(text);
  return spaces.length + (/:\s*(#.*)?$/.test(text) ? dash.length + 2 : dash.length);
});
const mark = StateEffect.define();
const line = Decoration.line({ class: "cm-part" });
const marked = StateField.define({
  create: () => Decoration.none,
  update(found, change) {
    found = found.map(change.changes);
    for (const effect of change.effects) if (effect.is(mark)) found = lines(change.state, effect.value);
    return found;
  },
  provide: (field) => EditorView.decorations.from(field),
});

function lines(state, part) {
  const builder = new RangeSetBuilder();
  if (part) for (let number = part.line; number <= Math.min(part.end, state.doc.lines); number++) builder.add(state.doc.line(number).from, state.doc.line(number).from, line);
  return builder.finish();
}

/** Dress the text areas of `form` as code in `host`. `changed()` after every change, `moved()` after the cursor moved; `explain(state, pos)` says what a key means. */
export function code(form, host, words, { complete, explain, changed, moved }) {
  const tip = (view, pos) => {
    const found = explain(view.state, pos);
    return found && { pos: found.from, end: found.to, above: true, create: () => ({ dom: Object.assign(document.createElement("div"), { className: "cm-diagnostic", textContent: found.said }) }) };
  };
  const areas = new Map([...form.querySelectorAll("[data-text]")].map((area) => [area.dataset.text, area]));
  const root = host.attachShadow({ mode: "open" });
  const extensions = [
    lineNumbers(), foldGutter(), lintGutter(), codeFolding(), history(), drawSelection(), dropCursor(), indented, indentUnit.of("  "), bracketMatching(), closeBrackets(), highlightActiveLine(),
    highlightActiveLineGutter(), highlightSpecialChars(), highlightSelectionMatches(), search({ top: true }), yaml(), syntaxHighlighting(colours), theme, marked, autocompletion({ override: [complete], icons: false, activateOnCompletion: (chosen) => String(chosen.apply ?? "").endsWith(": ") }), hoverTooltip(tip),
    EditorState.tabSize.of(2), EditorState.phrases.of(words.phrases), EditorView.lineWrapping, EditorView.contentAttributes.of({ "aria-label": `${words.text}. ${words.leave}`, spellcheck: "false", dir: "ltr", tabindex: "0" }),
    keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...foldKeymap, ...completionKeymap, ...lintKeymap, indentWithTab]),
    EditorView.updateListener.of((update) => {
      if (update.docChanged) {
        areas.get(file).value = update.state.doc.toString();
        changed();
      }
      if (update.docChanged || update.selectionSet) moved();
    }),
  ];
  const states = new Map([...areas].map(([name, area]) => [name, EditorState.create({ doc: area.value, extensions })]));
  let file = [...areas.keys()][0];
  const view = new EditorView({ state: states.get(file), root, parent: root });
  host.addEventListener("keydown", (event) => event.key === "Escape" && view.setTabFocusMode(2000), true); // also where it only closes a list
  host.addEventListener("keydown", (event) => event.stopPropagation()); // the desk's single keys are not meant here

  const open = (name) => {
    if (!states.has(name) || name === file) return;
    states.set(file, view.state);
    file = name;
    view.setState(states.get(file));
    moved();
  };
  const jump = (name, number, column = 1, { focus = true } = {}) => {
    open(name || file);
    const at = view.state.doc.line(Math.min(Math.max(1, number), view.state.doc.lines));
    const place = Math.min(at.from + column - 1, at.to);
    view.dispatch({ selection: { anchor: place }, effects: EditorView.scrollIntoView(place, { y: "center" }) });
    if (focus) view.focus();
  };
  const write = (name, text) => {
    if (!states.has(name)) return;
    open(name);
    const old = view.state.doc.toString();
    let start = 0;
    while (start < Math.min(old.length, text.length) && old[start] === text[start]) start++;
    let end = 0;
    while (end < Math.min(old.length, text.length) - start && old[old.length - 1 - end] === text[text.length - 1 - end]) end++;
    if (old !== text) view.dispatch({ changes: { from: start, to: old.length - end, insert: text.slice(start, text.length - end) }, effects: EditorView.scrollIntoView(start, { y: "center" }), userEvent: "input.form" });
  };
  return {
    view, open, jump, write,
    file: () => file,
    lines: (part) => view.state.doc.sliceString(view.state.doc.line(part.line).from, view.state.doc.line(Math.min(part.end, view.state.doc.lines)).to),
    line: () => view.state.doc.lineAt(view.state.selection.main.head).number,
    find: (found) => view.dispatch(setDiagnostics(view.state, found.filter((one) => !one.file || one.file === file).map((one) => squiggle(view.state.doc, one)))),
    mark: (part) => view.dispatch({ effects: mark.of(part?.file === file ? part : null) }),
  };
}

function squiggle(doc, one) {
  const at = doc.line(Math.min(Math.max(1, one.line), doc.lines));
  const from = Math.min(at.from + one.column - 1, at.to);
  const word = /^(?:"[^"\n]*"|'[^'\n]*'|[^\s,:{}[\]]+)/.exec(at.text.slice(from - at.from))?.[0] ?? " ";
  return { from, to: Math.min(from + word.length, at.to), severity: one.severity, message: [one.message, one.hint].filter(Boolean).join("\n"), source: one.code };
}
