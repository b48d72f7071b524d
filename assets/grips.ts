import { recall, remember } from './chrome.ts';

/** Borders that move: with the pointer, and with arrow keys. Sizes are remembered. */
export function startGrips(): void {
  for (const grip of document.querySelectorAll<HTMLElement>('[data-grip]')) {
    const name = grip.dataset.grip!;
    const rows = grip.getAttribute('aria-orientation') === 'horizontal';
    const min = Number(grip.getAttribute('aria-valuemin'));
    const max = Number(grip.getAttribute('aria-valuemax'));
    const set = (size: number): void => {
      const bounded = Math.round(Math.min(max, Math.max(min, size)));
      grip.setAttribute('aria-valuenow', String(bounded));
      document.documentElement.style.setProperty(`--${name}-size`, `${bounded}px`);
      remember(`size ${name}`, String(bounded));
    };
    const kept = Number(recall(`size ${name}`));
    if (kept) set(kept);
    grip.addEventListener('pointerdown', (event) => {
      event.preventDefault();
      grip.setPointerCapture(event.pointerId);
      const from = rows ? event.clientY : event.clientX;
      const size = Number(grip.getAttribute('aria-valuenow'));
      const move = (moved: PointerEvent): void => set(rows ? size - (moved.clientY - from) : size + (moved.clientX - from));
      grip.addEventListener('pointermove', move);
      grip.addEventListener('pointerup', () => grip.removeEventListener('pointermove', move), { once: true });
    });
    grip.addEventListener('keydown', (event) => {
      const step = { ArrowLeft: -16, ArrowRight: 16, ArrowUp: 16, ArrowDown: -16 }[event.key];
      if (step === undefined || (rows ? event.key.length > 9 : event.key === 'ArrowUp' || event.key === 'ArrowDown')) return;
      event.preventDefault();
      set(Number(grip.getAttribute('aria-valuenow')) + step);
    });
  }
}
