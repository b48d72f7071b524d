import { applyForm, dirtyForms, labelOf } from './editors.ts';
import { selectTab } from './tabs.ts';

/** Attack and Grade: what is not applied is asked about first; the panel that shows the run comes to the front. */
export function startRuns(): void {
  for (const form of document.querySelectorAll<HTMLFormElement>('form[data-run]')) {
    let settled = false;
    form.addEventListener(
      'submit',
      (event) => {
        if (settled || dirtyForms().length === 0) {
          settled = false;
          return;
        }
        event.preventDefault();
        event.stopImmediatePropagation();
        void ask().then((go) => {
          if (!go) return;
          settled = true;
          form.requestSubmit();
        });
      },
      true,
    );
    form.addEventListener('htmx:beforeRequest', () => {
      const run = form.dataset.run!;
      document.getElementById('notice')!.replaceChildren();
      if (run === 'attack') {
        selectTab('tab-attack');
        document.getElementById('attack-empty')?.remove();
        document.querySelector('#attack .outcome')?.remove();
        document.getElementById('steps')?.replaceChildren();
      } else {
        selectTab('tab-checks');
        document.querySelector('.checks')?.setAttribute('data-running', '');
        document.getElementById('outcome')?.setAttribute('data-running', '');
      }
      document.dispatchEvent(new CustomEvent('run-started', { detail: run }));
    });
    form.addEventListener('htmx:afterRequest', () => {
      for (const running of document.querySelectorAll('[data-running]')) running.removeAttribute('data-running');
    });
  }
}

async function ask(): Promise<boolean> {
  const dialog = document.querySelector<HTMLDialogElement>('#unsaved')!;
  const forms = dirtyForms();
  dialog.querySelector('[data-unsaved-names]')!.textContent = forms.map(labelOf).join(', ');
  dialog.querySelector('[data-unsaved-verb]')!.textContent = forms.length === 1 ? 'has' : 'have';
  const choice = await new Promise<string>((done) => {
    const choose = (event: Event): void => {
      const button = (event.target as Element).closest<HTMLElement>('[data-choose]');
      if (!button) return;
      dialog.removeEventListener('click', choose);
      done(button.dataset.choose!);
    };
    dialog.addEventListener('click', choose);
    dialog.addEventListener('cancel', () => done('cancel'), { once: true });
    dialog.showModal();
  });
  dialog.close();
  if (choice === 'cancel') return false;
  if (choice === 'without') return true;
  for (const form of forms) if (!(await applyForm(form))) return false;
  return true;
}
