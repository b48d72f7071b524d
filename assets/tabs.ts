/** ARIA tabs: arrow keys move, the panel follows. https://www.w3.org/WAI/ARIA/apg/patterns/tabs/ */
export function startTabs(): void {
  for (const list of document.querySelectorAll<HTMLElement>('[role=tablist]')) {
    list.addEventListener('click', (event) => {
      const tab = (event.target as Element).closest<HTMLElement>('[role=tab]');
      if (tab) selectTab(tab.id);
    });
    list.addEventListener('keydown', (event) => {
      const tabs = [...list.querySelectorAll<HTMLElement>('[role=tab]')];
      const at = tabs.indexOf(document.activeElement as HTMLElement);
      const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
      if (at < 0 || next === undefined) return;
      event.preventDefault();
      selectTab(tabs[(next + tabs.length) % tabs.length]!.id, true);
    });
  }
}

export function selectTab(id: string, focus = false): void {
  const tab = document.getElementById(id);
  const list = tab?.closest('[role=tablist]');
  if (!tab || !list) return;
  for (const other of list.querySelectorAll<HTMLElement>('[role=tab]')) {
    const selected = other === tab;
    other.setAttribute('aria-selected', String(selected));
    other.tabIndex = selected ? 0 : -1;
    const panel = document.getElementById(other.getAttribute('aria-controls') ?? '');
    if (panel) panel.hidden = !selected;
    if (panel && selected) for (const element of [panel, ...panel.querySelectorAll('[hx-trigger]')]) element.dispatchEvent(new CustomEvent('tab-shown'));
  }
  if (focus) tab.focus();
}
