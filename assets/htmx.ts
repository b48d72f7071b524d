import htmx from 'htmx.org';

// The extension looks for a global.
(globalThis as unknown as { htmx: typeof htmx }).htmx = htmx;

export default htmx;

/** What a swap or a request is about: messages of the stream say it by the event's own target. */
export function targetOf(event: Event): HTMLElement {
  return (event as CustomEvent<{ target?: HTMLElement }>).detail?.target ?? (event.target as HTMLElement);
}
