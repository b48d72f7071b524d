import htmx from 'htmx.org';

// The extension looks for a global.
(globalThis as unknown as { htmx: typeof htmx }).htmx = htmx;

export default htmx;
