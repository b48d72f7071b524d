import MarkdownIt from 'markdown-it';

// Labs are ours, and HTML stays off all the same: what is on a page is what its Markdown says.
const markdown = new MarkdownIt({ html: false, linkify: false, typographer: false });

const open = markdown.renderer.rules.link_open;
markdown.renderer.rules.link_open = (tokens, index, options, env, self) => {
  tokens[index]!.attrSet('rel', 'noreferrer');
  tokens[index]!.attrSet('target', '_blank');
  return open ? open(tokens, index, options, env, self) : self.renderToken(tokens, index, options);
};

/**
 * A lab's text as HTML. Its headings are `h3` and below, as they stand inside a section of a page.
 * markdown-it drops `javascript:` and the like from links by itself.
 */
export function markdownHtml(text: string): string {
  const tokens = markdown.parse(text, {});
  for (const token of tokens)
    if (token.type === 'heading_open' || token.type === 'heading_close')
      token.tag = `h${Math.min(6, Math.max(3, Number(token.tag.slice(1)) + 1))}`;
  return markdown.renderer.render(tokens, markdown.options, {});
}
