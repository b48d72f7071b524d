import './htmx.ts';
import 'htmx-ext-sse';
import './app.ts';

// The heat map is one stop of the Tab key: within it the arrow keys move, as in a sheet, and Enter opens.
const stops = 'th a:first-of-type, td > a';
const moves: Record<string, [number, number]> = {
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
};

start();
document.addEventListener('htmx:afterSettle', start);

function start(): void {
  const table = document.querySelector<HTMLTableElement>('table[data-heat]:not([data-roving])');
  if (!table) return;
  table.dataset.roving = '';
  const links = table.tBodies[0]!.querySelectorAll<HTMLElement>(stops);
  for (const link of links) link.tabIndex = -1;
  const first = links[0];
  if (first) first.tabIndex = 0;
  table.addEventListener('keydown', (event) => {
    const move = moves[event.key];
    const cell = (event.target as HTMLElement).closest<HTMLTableCellElement>('th, td');
    if (!cell || event.altKey || event.ctrlKey || event.metaKey) return;
    if (move) step(event, table, cell, move);
    else if (event.key === 'Home' || event.key === 'End') edge(event, table, cell, event.key === 'End');
  });
  table.addEventListener('focusin', (event) => {
    const target = event.target as HTMLElement;
    if (!target.closest('tbody')) return;
    for (const old of table.tBodies[0]!.querySelectorAll<HTMLElement>('[tabindex="0"]')) if (old !== target) old.tabIndex = -1;
    target.tabIndex = 0;
  });
}

function step(event: Event, table: HTMLTableElement, cell: HTMLTableCellElement, [down, right]: [number, number]): void {
  const row = cell.parentElement as HTMLTableRowElement;
  const next = table.rows[row.rowIndex + down]?.cells[cell.cellIndex + right];
  if (!next) return;
  event.preventDefault();
  focusOn(next);
}

function edge(event: Event, table: HTMLTableElement, cell: HTMLTableCellElement, last: boolean): void {
  const { cells } = table.rows[(cell.parentElement as HTMLTableRowElement).rowIndex]!;
  event.preventDefault();
  focusOn(cells[last ? cells.length - 1 : 0]!);
}

/** A cell's link, or the cell itself where there is nothing to open. */
function focusOn(cell: HTMLTableCellElement): void {
  const target = cell.querySelector<HTMLElement>('a') ?? cell;
  if (target === cell) target.tabIndex = -1;
  target.focus();
  // What sticks must not cover what is focused.
  target.scrollIntoView({ block: 'nearest', inline: 'nearest' });
}
