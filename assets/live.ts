/**
 * Parts of a page that stay current: `data-live` names the stream that says that something changed, `data-part` where the
 * part is read anew. What somebody is typing into is left alone until they are done.
 */
export function startLive(): void {
  // One for each address: a browser opens six connections to a host, and no more.
  const streams = new Map<string, EventSource>();
  const streamOf = (url: string): EventSource => {
    const stream = streams.get(url) ?? new EventSource(url);
    streams.set(url, stream);
    return stream;
  };
  for (const part of document.querySelectorAll<HTMLElement>('[data-live]')) {
    let stale = false;
    let reading = false;
    const read = async (): Promise<void> => {
      if (reading || part.querySelector('input:focus, select:focus, details[open] form')) {
        stale = true;
        return;
      }
      stale = false;
      reading = true;
      try {
        const response = await fetch(part.dataset.part!, { headers: { 'hx-request': 'true' } });
        if (response.ok) {
          part.innerHTML = await response.text();
          part.dispatchEvent(new CustomEvent('part-read', { bubbles: true }));
        }
      } catch {
        // The stream connects again by itself, and reads the part then.
      } finally {
        reading = false;
        if (stale) soon();
      }
    };
    let waiting: ReturnType<typeof setTimeout> | undefined;
    // Not all pages at once.
    const soon = (): void => {
      waiting ??= setTimeout(
        () => {
          waiting = undefined;
          void read();
        },
        200 + Math.random() * 800,
      );
    };
    part.addEventListener('focusout', () => stale && soon());
    part.addEventListener('clock-over', soon);
    const stream = streamOf(part.dataset.live!);
    let opened = false;
    stream.addEventListener('open', () => {
      if (opened) soon();
      opened = true;
    });
    stream.addEventListener('changed', soon);
  }
  startClocks();
  startPages();
}

/** Clocks that run down by the server's time: it says how much is left, and the page counts from then on. */
function startClocks(): void {
  const seen = new WeakMap<HTMLElement, { left: number; at: number }>();
  const warned = new Set<number>();
  const tick = (): void => {
    for (const element of document.querySelectorAll<HTMLElement>('[data-left]')) {
      const left = Number(element.dataset.left);
      let from = seen.get(element);
      if (!from) seen.set(element, (from = { left, at: performance.now() }));
      if ('still' in element.dataset) continue;
      const ms = Math.max(0, left - (performance.now() - from.at));
      element.textContent = spell(ms);
      if (ms <= 600_000) element.dataset.low = '';
      const region = element.closest('[data-live], .bench-facts')?.querySelector('[data-warn]');
      if (region) for (const minutes of [2, 10]) warn(region, ms, minutes);
      if (ms === 0 && left > 0) {
        element.dataset.still = '';
        element.dispatchEvent(new CustomEvent('clock-over', { bubbles: true }));
      }
    }
  };
  const warn = (region: Element, ms: number, minutes: number): void => {
    const text = `${minutes} minutes left`;
    if (ms === 0 || ms > minutes * 60_000) return;
    if (minutes === 10 && ms <= 120_000) return;
    if (warned.has(minutes) && region.textContent !== '') return;
    warned.add(minutes);
    region.textContent = `Less than ${text}.`;
  };
  tick();
  setInterval(tick, 1000);
  document.addEventListener('part-read', tick);
}

function spell(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const parts = [Math.floor(seconds / 60) % 60, seconds % 60].map((part) => String(part).padStart(2, '0'));
  const hours = Math.floor(seconds / 3600);
  return hours > 0 ? `${hours}:${parts.join(':')}` : parts.join(':');
}

/** The projector turns its pages by itself: as many rows as fit, ten seconds each. */
function startPages(): void {
  const part = document.querySelector<HTMLElement>('[data-pages]');
  if (!part) return;
  let page = 0;
  const turn = (): void => {
    const rows = [...part.querySelectorAll<HTMLElement>('tbody tr')];
    for (const row of rows) row.hidden = false;
    const first = rows[0];
    if (!first) return;
    const fit = Math.max(1, Math.floor((innerHeight - first.getBoundingClientRect().top - 16) / first.offsetHeight));
    const pages = Math.ceil(rows.length / fit);
    page %= pages;
    rows.forEach((row, index) => (row.hidden = Math.floor(index / fit) !== page));
  };
  turn();
  setInterval(() => {
    page++;
    turn();
  }, 10_000);
  part.addEventListener('part-read', turn);
  addEventListener('resize', turn);
}
