// From "print-shop-captions" 2.1, as bought: fills {{ date }} and the like into a caption.

export function renderCaption(template, values) {
  return template.replace(/\{\{(.+?)\}\}/g, (_, expression) => {
    const names = Object.keys(values);
    return String(new Function(...names, `return (${expression});`)(...names.map((name) => values[name])));
  });
}
