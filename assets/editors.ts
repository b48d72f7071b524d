import { javascript } from '@codemirror/lang-javascript';
import { json, jsonParseLinter } from '@codemirror/lang-json';
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { type Diagnostic, linter, lintGutter } from '@codemirror/lint';
import { EditorState, type Extension } from '@codemirror/state';
import { EditorView, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { recall, remember } from './chrome.ts';
import { plainEditing } from './commands.ts';
import htmx, { targetOf } from './htmx.ts';

/** The text editors: CodeMirror over a form's textarea, which stays what is sent. */

interface Editor {
  view: EditorView;
  area: HTMLTextAreaElement;
}

const editors = new Map<HTMLTextAreaElement, Editor>();

/** Forms of the editor as they came from the account: what differs is not applied. */
const clean = new WeakMap<HTMLFormElement, string>();

// Colours are the stylesheet's variables, so that the theme needs no script.
const highlighting = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--code-name)' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--code-string)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--code-number)' },
  { tag: [tags.keyword, tags.operatorKeyword, tags.controlKeyword, tags.definitionKeyword, tags.moduleKeyword], color: 'var(--code-keyword)' },
  { tag: [tags.comment, tags.lineComment, tags.blockComment], color: 'var(--muted)', fontStyle: 'italic' },
  { tag: tags.function(tags.variableName), color: 'var(--code-name)' },
]);

const theme = EditorView.theme({
  '&': { backgroundColor: 'var(--field)', color: 'var(--text)', fontSize: '13px' },
  '.cm-content': { fontFamily: 'var(--mono)', caretColor: 'var(--text)', padding: '8px 0' },
  '.cm-gutters': { backgroundColor: 'var(--field)', color: 'var(--muted)', border: 'none' },
  '.cm-cursor': { borderLeftColor: 'var(--text)' },
  '.cm-scroller': { lineHeight: '20px', maxHeight: 'min(60vh, 640px)', fontFamily: 'var(--mono)' },
  '.cm-selectionBackground, &.cm-focused .cm-selectionBackground': { background: 'var(--selection) !important' },
  '.cm-tooltip': { backgroundColor: 'var(--surface)', color: 'var(--text)', border: '1px solid var(--line)' },
  '.cm-diagnostic-error': { borderLeftColor: 'var(--bad)' },
  '.cm-diagnostic-warning': { borderLeftColor: 'var(--warn)' },
  '.cm-diagnostic-info': { borderLeftColor: 'var(--muted)' },
  '.cm-gutter-lint': { width: '20px' },
  '.cm-panels': { backgroundColor: 'var(--surface)', color: 'var(--text)' },
});

export function startEditors(): void {
  mount(document.body);
  document.addEventListener('htmx:beforeSwap', (event) => {
    const target = targetOf(event);
    if (target.id !== 'editor') return;
    // A refusal goes to a place below its form: what comes here was applied.
    if (submitted instanceof HTMLFormElement) recordHistory(submitted);
    keepDrafts(target);
  });
  document.addEventListener('htmx:afterSwap', (event) => {
    const target = targetOf(event);
    if (!document.contains(target)) return;
    mount(target);
    restoreDrafts(target);
  });
  document.addEventListener('htmx:beforeRequest', (event) => {
    const { elt, target } = (event as CustomEvent<{ elt: HTMLElement; target: HTMLElement }>).detail;
    // Another resource is asked for while this one has text that is not applied.
    if (target.id !== 'editor' || elt instanceof HTMLFormElement || dirtyForms().length === 0) return;
    if (!confirm(`${dirtyForms().map(labelOf).join(', ')}: leave without applying?`)) event.preventDefault();
  });
  document.addEventListener('htmx:afterRequest', (event) => {
    const { elt, xhr } = (event as CustomEvent<{ elt: HTMLElement; xhr: XMLHttpRequest }>).detail;
    if (!(elt instanceof HTMLFormElement) || xhr.status >= 400) return;
    elt.querySelector('.fault-slot')?.replaceChildren();
  });
  document.addEventListener('input', (event) => {
    const form = (event.target as Element).closest('form');
    if (form) showUnsaved(form);
  });
  document.addEventListener('click', (event) => {
    const button = (event.target as Element).closest<HTMLElement>('[data-undo]');
    const form = button?.closest('form');
    if (form) stepBack(form);
  });
}

export function dirtyForms(): HTMLFormElement[] {
  return [...document.querySelectorAll<HTMLFormElement>('#editor form.block')].filter(isDirty);
}

export function labelOf(form: HTMLFormElement): string {
  return form.closest('.panel')?.querySelector('summary')?.textContent?.trim() ?? 'A form';
}

/** Sends a form as it is, without leaving the place. False when AWS refused: its words stand below the form. */
export async function applyForm(form: HTMLFormElement): Promise<boolean> {
  const body = new URLSearchParams(new FormData(form) as unknown as Record<string, string>);
  const response = await fetch(form.action, { method: 'POST', body, headers: { 'HX-Request': 'true', 'HX-Trigger': form.id } });
  if (response.ok) {
    recordHistory(form);
    markClean(form);
    htmx.trigger(document.body, 'resources-changed', {});
    return true;
  }
  const slot = document.getElementById(`${form.id}-fault`);
  if (slot) slot.innerHTML = await response.text();
  slot?.scrollIntoView({ block: 'nearest' });
  return false;
}

const textOf = (form: HTMLFormElement): string => new URLSearchParams(new FormData(form) as unknown as Record<string, string>).toString();
const isDirty = (form: HTMLFormElement): boolean => clean.has(form) && clean.get(form) !== textOf(form);
const cleanText = (form: HTMLFormElement, name: string): string => new URLSearchParams(clean.get(form)).get(name) ?? '';
const editorsOf = (form: HTMLFormElement): Editor[] => [...editors.values()].filter(({ area }) => area.form === form);

function mount(root: HTMLElement): void {
  for (const [area, { view }] of editors)
    if (!document.contains(area)) {
      view.destroy();
      editors.delete(area);
    }
  for (const area of root.querySelectorAll<HTMLTextAreaElement>('textarea[data-code]')) if (!editors.has(area)) edit(area);
  for (const form of root.querySelectorAll<HTMLFormElement>('form.block')) {
    if (!clean.has(form)) clean.set(form, textOf(form));
    showHistory(form);
  }
}

function edit(area: HTMLTextAreaElement): void {
  const label = document.querySelector<HTMLLabelElement>(`label[for="${CSS.escape(area.id)}"]`);
  const editor: Editor = { area, view: undefined as unknown as EditorView };
  editor.view = new EditorView({
    parent: area.parentElement!,
    state: EditorState.create({
      doc: area.value,
      extensions: [
        keymap.of([{ key: 'Ctrl-Enter', mac: 'Cmd-Enter', run: () => (area.form?.requestSubmit(), true) }]),
        plainEditing,
        lineNumbers(),
        EditorState.tabSize.of(2),
        EditorView.lineWrapping,
        theme,
        syntaxHighlighting(highlighting),
        language(area),
        EditorView.contentAttributes.of({ 'aria-label': label?.textContent ?? area.name, tabindex: '0' }),
        EditorView.updateListener.of((update) => {
          if (!update.docChanged) return;
          area.value = update.state.doc.toString();
          showUnsaved(area.form!);
        }),
      ],
    }),
  });
  if (area.dataset.policy) {
    const remarks = document.createElement('ul');
    remarks.className = 'remarks';
    remarks.setAttribute('aria-live', 'polite');
    area.parentElement!.append(remarks);
  }
  area.hidden = true;
  label?.addEventListener('click', () => editor.view.focus());
  editors.set(area, editor);
}

function language(area: HTMLTextAreaElement): Extension {
  if (area.dataset.code === 'javascript') return javascript();
  if (area.dataset.code !== 'json') return [];
  const lint = area.dataset.policy ? linter((view) => policyProblems(view, area.dataset.policy!), { delay: 300 }) : linter(emptyOrJson);
  return [json(), lint, lintGutter()];
}

const checkJson = jsonParseLinter();
const emptyOrJson = (view: EditorView): Diagnostic[] => (view.state.doc.length === 0 ? [] : checkJson(view));

/** What AWS would say, at its place. */
async function policyProblems(view: EditorView, kind: string): Promise<Diagnostic[]> {
  const attempt = document.querySelector<HTMLElement>('[data-attempt]')?.dataset.attempt;
  const { doc } = view.state;
  if (!attempt || doc.length === 0) return [];
  const response = await fetch(`/attempts/${attempt}/lint`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ text: doc.toString(), kind }),
  });
  if (!response.ok) return [];
  const { problems, notes } = (await response.json()) as { problems: Remark[]; notes: Remark[] };
  listRemarks(view, [...problems, ...notes]);
  return [...problems, ...notes].map(({ message, detail, severity = 'error', line = 1, column = 1 }): Diagnostic => {
    const at = doc.line(Math.min(line, doc.lines));
    const from = Math.min(at.from + column - 1, at.to);
    // The word that begins there, to its closing quote.
    const quoted = /^"[^"]*"/.exec(view.state.sliceDoc(from, at.to))?.[0].length;
    const to = quoted === undefined ? at.to : from + quoted;
    return { from, to, severity, message: detail && detail !== message ? `${message} ${detail}` : message };
  });
}

/** The same below the editor, for who does not hover. */
function listRemarks(view: EditorView, remarks: Remark[]): void {
  const items = remarks.slice(0, 5).map(({ message, detail, severity = 'error', line = 1 }) => {
    const item = document.createElement('li');
    item.className = `remark-${severity}`;
    item.textContent = `${severity === 'error' ? '✗' : severity === 'warning' ? '⚠' : 'i'} line ${line}: ${detail && detail !== message ? `${message} ${detail}` : message}`;
    return item;
  });
  view.dom.parentElement?.querySelector('.remarks')?.replaceChildren(...items);
}

interface Remark {
  message: string;
  detail?: string;
  severity?: 'info' | 'warning' | 'error';
  line?: number;
  column?: number;
}

function showUnsaved(form: HTMLFormElement): void {
  form.querySelector<HTMLElement>('[data-unsaved]')?.toggleAttribute('hidden', !isDirty(form));
}

function markClean(form: HTMLFormElement): void {
  clean.set(form, textOf(form));
  showUnsaved(form);
}

function setText(editor: Editor, text: string): void {
  editor.view.dispatch({ changes: { from: 0, to: editor.view.state.doc.length, insert: text } });
}

/** What is not applied outlives a fragment that takes the editor's place after something else was applied. */
let drafts = new Map<string, URLSearchParams>();
let draftsOf = '';
let submitted: HTMLElement | undefined;
document.addEventListener('htmx:beforeRequest', (event) => {
  submitted = (event as CustomEvent<{ elt: HTMLElement }>).detail.elt;
});

const formKey = (form: HTMLFormElement): string => `${labelOf(form)} ${new URL(form.action).searchParams.get('action')}`;

function keepDrafts(target: HTMLElement): void {
  draftsOf = target.querySelector('.editor-head h2')?.textContent ?? '';
  drafts = new Map(
    dirtyForms()
      .filter((form) => form !== submitted)
      .map((form) => [formKey(form), new URLSearchParams(textOf(form))]),
  );
}

function restoreDrafts(target: HTMLElement): void {
  if (target.id !== 'editor' || draftsOf !== target.querySelector('.editor-head h2')?.textContent) return;
  for (const form of target.querySelectorAll<HTMLFormElement>('form.block')) {
    const draft = drafts.get(formKey(form));
    if (!draft) continue;
    for (const field of form.elements) {
      if (field instanceof HTMLInputElement && field.type === 'checkbox') field.checked = draft.getAll(field.name).includes(field.value);
      else if (field instanceof HTMLTextAreaElement && editors.has(field)) setText(editors.get(field)!, draft.get(field.name) ?? '');
      else if ((field instanceof HTMLInputElement && field.type === 'text') || field instanceof HTMLSelectElement || field instanceof HTMLTextAreaElement)
        field.value = draft.get(field.name) ?? field.value;
    }
    showUnsaved(form);
  }
  drafts = new Map();
}

/** Texts that were applied before, per document, for this session of the browser. */
function historyKey(form: HTMLFormElement): string {
  return `history ${form.action} ${labelOf(form)}`;
}

function recordHistory(form: HTMLFormElement): void {
  const [editor] = editorsOf(form);
  if (!editor || !form.hasAttribute('data-document') || !isDirty(form)) return;
  const before = cleanText(form, editor.area.name);
  const texts = readHistory(form);
  if (before.length > 100_000 || before === '') return;
  if (texts.at(-1) !== before) texts.push(before);
  remember(historyKey(form), JSON.stringify(texts.slice(-10)), 'sessionStorage');
}

function readHistory(form: HTMLFormElement): string[] {
  try {
    return JSON.parse(recall(historyKey(form), 'sessionStorage') ?? '[]') as string[];
  } catch {
    return [];
  }
}

function showHistory(form: HTMLFormElement): void {
  form.querySelector('[data-undo]')?.toggleAttribute('hidden', readHistory(form).length === 0);
}

/** The previous text comes back into the editor; it is applied like any other change. */
function stepBack(form: HTMLFormElement): void {
  const texts = readHistory(form);
  const text = texts.pop();
  const [editor] = editorsOf(form);
  if (text === undefined || !editor) return;
  remember(historyKey(form), JSON.stringify(texts), 'sessionStorage');
  setText(editor, text);
  showHistory(form);
  editor.view.focus();
}
