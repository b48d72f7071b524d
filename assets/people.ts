/** Reads a chosen file into a text field, where it can be looked at before it is sent. */
export function startFiles(): void {
  document.addEventListener('change', (event) => {
    const input = event.target as HTMLInputElement;
    const into = input.dataset?.fileInto;
    const file = input.files?.[0];
    const field = into === undefined ? null : document.getElementById(into);
    if (file && field instanceof HTMLTextAreaElement) void file.text().then((text) => (field.value = text));
  });
}
