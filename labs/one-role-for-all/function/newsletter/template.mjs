// Fills {{ name }} and {{ city }} into a text. The agency likes to write {{ name.toUpperCase() }}, so this takes expressions.
export const render = (template, values) =>
  template.replace(/\{\{([\s\S]+?)\}\}/g, (_, expression) =>
    String(new Function(...Object.keys(values), `return (${expression});`)(...Object.values(values))),
  );
