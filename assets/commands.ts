import { type ChangeSet, EditorSelection, type Extension, StateEffect, StateField, Transaction } from '@codemirror/state';
import { type Command, EditorView, keymap } from '@codemirror/view';

/** Undo, redo, and a new line that keeps its indentation: what plain editing needs, without the package of all commands. */

interface Past {
  undo: ChangeSet[];
  redo: ChangeSet[];
  at: number;
}

const step = StateEffect.define<'undo' | 'redo'>();
const together = 600;

const past = StateField.define<Past>({
  create: () => ({ undo: [], redo: [], at: 0 }),
  update(value, transaction) {
    const moved = transaction.effects.find((effect) => effect.is(step))?.value;
    const inverse = transaction.changes.invert(transaction.startState.doc);
    if (moved === 'undo') return { undo: value.undo.slice(0, -1), redo: [...value.redo, inverse], at: 0 };
    if (moved === 'redo') return { undo: [...value.undo, inverse], redo: value.redo.slice(0, -1), at: 0 };
    if (!transaction.docChanged) return value;
    const at = transaction.annotation(Transaction.time) ?? 0;
    const last = value.undo.at(-1);
    // Typing that follows quickly is one step.
    if (last && transaction.isUserEvent('input.type') && at - value.at < together)
      return { undo: [...value.undo.slice(0, -1), inverse.compose(last)], redo: [], at };
    return { undo: [...value.undo, inverse].slice(-200), redo: [], at };
  },
});

const move =
  (what: 'undo' | 'redo'): Command =>
  (view) => {
    const changes = view.state.field(past)[what].at(-1);
    if (!changes) return false;
    view.dispatch({ changes, effects: step.of(what), scrollIntoView: true });
    return true;
  };

const newLine: Command = (view) => {
  view.dispatch(
    view.state.changeByRange((range) => {
      const line = view.state.doc.lineAt(range.from);
      const before = view.state.sliceDoc(line.from, range.from);
      const indent = /^[ \t]*/.exec(before)![0] + (/[{[(]\s*$/.test(before) ? '  ' : '');
      const insert = `\n${indent}`;
      return { changes: { from: range.from, to: range.to, insert }, range: EditorSelection.cursor(range.from + insert.length) };
    }),
    { userEvent: 'input', scrollIntoView: true },
  );
  return true;
};

/** Tab stays the key that leaves the editor; nobody is caught in it. */
export const plainEditing: Extension = [
  past,
  EditorView.domEventHandlers({
    beforeinput(event, view) {
      if (event.inputType !== 'historyUndo' && event.inputType !== 'historyRedo') return false;
      event.preventDefault();
      return move(event.inputType === 'historyUndo' ? 'undo' : 'redo')(view);
    },
  }),
  keymap.of([
    { key: 'Enter', run: newLine },
    { key: 'Mod-z', run: move('undo'), preventDefault: true },
    { key: 'Mod-y', run: move('redo'), preventDefault: true },
    { key: 'Mod-Shift-z', run: move('redo'), preventDefault: true },
  ]),
];
