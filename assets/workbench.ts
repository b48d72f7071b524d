import htmx, { targetOf } from './htmx.ts';
import 'htmx-ext-sse';
import './app.ts';
import { recall, remember, say, shortcut } from './chrome.ts';
import { dirtyForms, labelOf, startEditors } from './editors.ts';
import { startGrips } from './grips.ts';
import { selectTab, startTabs } from './tabs.ts';
import { startRuns } from './runs.ts';

startTabs();
startGrips();
startEditors();
startRuns();
startParts();
startStream();
startLists();
startKept();
startTree();

shortcut('a', () => document.querySelector<HTMLButtonElement>('#attack-button')?.click());
shortcut('r', () => document.querySelector<HTMLButtonElement>('#grade-button')?.click());
shortcut('t', () => focusFirst('tree', '#tree summary, #tree a'));
shortcut('e', () => focusFirst('work', '#editor .cm-content, #editor input:not([type=hidden]), #editor button'));
['tab-story', 'tab-checks', 'tab-hints', 'tab-map', 'tab-account'].forEach((id, index) =>
  shortcut(String(index + 1), () => {
    showPart('lab');
    selectTab(id, true);
  }),
);

addEventListener('beforeunload', (event) => {
  if (dirtyForms().length > 0) event.preventDefault();
});

function focusFirst(part: string, selector: string): void {
  showPart(part);
  document.querySelector<HTMLElement>(selector)?.focus();
}

/** On a narrow screen one part is shown at a time. */
function showPart(part: string): void {
  const columns = document.querySelector<HTMLElement>('.columns');
  if (columns) columns.dataset.part = part;
  for (const button of document.querySelectorAll<HTMLButtonElement>('.bench-tabs [data-part]'))
    button.setAttribute('aria-pressed', String(button.dataset.part === part));
}

function startParts(): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>('.bench-tabs [data-part]'))
    button.addEventListener('click', () => showPart(button.dataset.part!));
  document.addEventListener('htmx:afterSwap', (event) => {
    if (targetOf(event).id === 'editor') {
      if (matchMedia('(max-width: 900px)').matches) showPart('work');
      markCurrent();
    }
  });
  document.addEventListener('run-started', (event) => showPart((event as CustomEvent<string>).detail === 'attack' ? 'dock' : 'lab'));
}

/** The tree marks what the editor shows. */
function markCurrent(): void {
  const current = location.search;
  for (const link of document.querySelectorAll<HTMLAnchorElement>('#tree a')) {
    if (!link.classList.contains('add') && sameQuery(link.search, current)) link.setAttribute('aria-current', 'true');
    else link.removeAttribute('aria-current');
  }
}

function sameQuery(a: string, b: string): boolean {
  const [one, other] = [new URLSearchParams(a), new URLSearchParams(b)];
  return one.get('kind') === other.get('kind') && one.get('id') === other.get('id');
}

function startStream(): void {
  const offline = document.getElementById('offline');
  document.addEventListener('htmx:sseError', () => offline?.removeAttribute('hidden'));
  document.addEventListener('htmx:sseOpen', () => offline?.setAttribute('hidden', ''));
  addEventListener('offline', () => offline?.removeAttribute('hidden'));
  addEventListener('online', () => offline?.setAttribute('hidden', ''));
  document.addEventListener('htmx:sendError', () => offline?.removeAttribute('hidden'));
  document.querySelector('[data-on-reset]')?.addEventListener('htmx:sseMessage', () => location.reload());
}

/** What a real client changes is in the tree at once; the place in it is kept. */
function startTree(): void {
  let due: number | undefined;
  let other = '';
  document.addEventListener('htmx:sseMessage', (event) => {
    const list = event.target as HTMLElement;
    const call = list.firstElementChild;
    if (list.id !== 'calls' || !call?.hasAttribute('data-writes')) return;
    other = call.getAttribute('data-other') ?? other;
    clearTimeout(due);
    due = setTimeout(() => {
      htmx.trigger(document.body, 'resources-changed', {});
      if (other) othersChange(other);
      other = '';
    }, 600);
  });
  let focused: string | null | undefined;
  let scrolled = 0;
  document.addEventListener('htmx:beforeSwap', (event) => {
    const target = targetOf(event);
    if (target.id !== 'tree') return;
    scrolled = target.scrollTop;
    const active = document.activeElement;
    focused = target.contains(active) ? (active?.getAttribute('href') ?? active?.parentElement?.dataset.keep) : undefined;
  });
  document.addEventListener('htmx:afterSwap', (event) => {
    const target = targetOf(event);
    if (target.id !== 'tree') return;
    target.scrollTop = scrolled;
    if (!focused) return;
    const place = CSS.escape(focused);
    target.querySelector<HTMLElement>(`a[href="${place}"], details[data-keep="${place}"] > summary`)?.focus();
  });
}

/** Another member changed the account: what the editor shows is read again, unless text in it is not applied. */
function othersChange(name: string): void {
  const editor = document.getElementById('editor')!;
  const dirty = dirtyForms();
  if (dirty.length > 0)
    return say(`${name} changed the account meanwhile. ${dirty.map(labelOf).join(', ')}: your text is kept, and not applied yet.`);
  const query = new URLSearchParams(location.search);
  if (!query.get('kind') || editor.contains(document.activeElement)) return;
  void htmx.ajax('get', `${location.pathname}/resource${location.search}`, { target: '#editor' });
}

/** Live lists stay bounded. */
function startLists(): void {
  document.addEventListener('htmx:sseMessage', (event) => {
    const list = event.target as HTMLElement;
    const most = Number(list.dataset.most ?? 0);
    if (most) while (list.children.length > most) list.lastElementChild!.remove();
  });
}

/** What is open or closed stays so when a fragment is read again. */
function startKept(): void {
  const key = (element: HTMLElement): string => `open ${element.dataset.keep}`;
  const restore = (root: ParentNode): void => {
    for (const element of root.querySelectorAll<HTMLDetailsElement>('details[data-keep]')) {
      const kept = recall(key(element), 'sessionStorage');
      if (kept !== null) element.open = kept === 'open';
    }
  };
  restore(document);
  document.addEventListener(
    'click',
    (event) => {
      const details = (event.target as Element).closest('summary')?.parentElement;
      if (details instanceof HTMLDetailsElement && details.dataset.keep)
        remember(key(details), details.open ? 'closed' : 'open', 'sessionStorage');
    },
    true,
  );
  document.addEventListener('htmx:oobAfterSwap', (event) => restore(targetOf(event).parentElement ?? document));
  document.addEventListener('htmx:afterSwap', (event) => {
    restore(targetOf(event));
    markCurrent();
  });
}
