/** What every page has: theme, shortcuts, times, copy buttons, questions before what cannot be undone. */

type Theme = 'system' | 'light' | 'dark';
const nextTheme: Record<Theme, Theme> = { system: 'light', light: 'dark', dark: 'system' };

export function startChrome(): void {
  startTheme();
  startTimes();
  startShortcuts();
  document.addEventListener('click', (event) => {
    const button = (event.target as Element).closest<HTMLButtonElement>('[data-copy]');
    if (button) void copy(button);
  });
  // Captured: before htmx hears of it.
  document.addEventListener(
    'submit',
    (event) => {
      const form = event.target as HTMLFormElement;
      const question = form.dataset.confirm;
      if (question && !confirm(question)) {
        event.preventDefault();
        event.stopImmediatePropagation();
        return;
      }
      const once = form.querySelector<HTMLButtonElement>('[data-once]');
      if (once) requestAnimationFrame(() => (once.disabled = true));
    },
    true,
  );
}

export function say(text: string): void {
  const notice = document.getElementById('notice');
  if (notice) notice.textContent = text;
}

function startTheme(): void {
  const root = document.documentElement;
  const label = document.querySelector('[data-theme-label]');
  const current = (): Theme => (root.dataset.theme as Theme | undefined) ?? 'system';
  const show = (): void => {
    if (label) label.textContent = { system: 'Auto', light: 'Light', dark: 'Dark' }[current()];
    label?.parentElement?.setAttribute('aria-label', `Theme: ${current()}. Switch to ${nextTheme[current()]}`);
  };
  document.querySelector('[data-theme-switch]')?.addEventListener('click', () => {
    const next = nextTheme[current()];
    if (next === 'system') delete root.dataset.theme;
    else root.dataset.theme = next;
    remember('theme', next === 'system' ? undefined : next);
    show();
  });
  show();
}

/** Storage may be refused or full: nothing depends on it. */
export function remember(name: string, value: string | undefined, storage: 'localStorage' | 'sessionStorage' = 'localStorage'): void {
  try {
    if (value === undefined) window[storage].removeItem(name);
    else window[storage].setItem(name, value);
  } catch {
    // as said
  }
}

export function recall(name: string, storage: 'localStorage' | 'sessionStorage' = 'localStorage'): string | null {
  try {
    return window[storage].getItem(name);
  } catch {
    return null;
  }
}

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

function startTimes(): void {
  const update = (): void => {
    for (const element of document.querySelectorAll<HTMLTimeElement>('time[data-relative]')) {
      const seconds = (Date.now() - Date.parse(element.dateTime)) / 1000;
      const text =
        seconds < 45
          ? 'just now'
          : seconds < 2700
            ? relative.format(-Math.max(1, Math.round(seconds / 60)), 'minute')
            : seconds < 79_200
              ? relative.format(-Math.round(seconds / 3600), 'hour')
              : relative.format(-Math.round(seconds / 86_400), 'day');
      if (element.textContent !== text) element.textContent = text;
    }
  };
  const tick = (): void => {
    for (const element of document.querySelectorAll<HTMLElement>('[data-elapsed]')) {
      const until = element.dataset.until ? Number(element.dataset.until) : Date.now();
      element.textContent = duration(until - Number(element.dataset.elapsed));
    }
  };
  update();
  setInterval(update, 20_000);
  setInterval(tick, 1000);
  document.addEventListener('htmx:afterSettle', update);
}

function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const parts = [Math.floor(seconds / 60) % 60, seconds % 60].map((part) => String(part).padStart(2, '0'));
  const hours = Math.floor(seconds / 3600);
  return hours > 0 ? `${hours}:${parts.join(':')}` : parts.join(':');
}

async function copy(button: HTMLButtonElement): Promise<void> {
  const text = button.parentElement?.querySelector('code')?.textContent ?? '';
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = 'Copied';
  } catch {
    // No permission: the text is selected instead.
    const code = button.parentElement?.querySelector('code');
    if (code) getSelection()?.selectAllChildren(code);
    button.textContent = 'Selected';
  }
  setTimeout(() => (button.textContent = 'Copy'), 1500);
}

const shortcuts = new Map<string, () => void>();

/** A key that works wherever nothing is being typed. */
export function shortcut(keys: string, action: () => void): void {
  shortcuts.set(keys, action);
}

function startShortcuts(): void {
  const list = document.querySelector<HTMLDialogElement>('#shortcuts');
  const open = (): void => void (list && !list.open && list.showModal());
  shortcut('?', open);
  shortcut('g l', () => location.assign('/'));
  shortcut('g p', () => location.assign('/progress'));
  document.querySelector('[data-shortcuts-open]')?.addEventListener('click', open);
  let before = '';
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const target = event.target as HTMLElement;
    if (target.closest('input, textarea, select, [contenteditable=true], .cm-editor, dialog[open]')) return;
    const action = shortcuts.get(`${before} ${event.key}`) ?? shortcuts.get(event.key);
    before = event.key;
    if (!action) return;
    event.preventDefault();
    action();
  });
}
