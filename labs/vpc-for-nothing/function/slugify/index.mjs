import { transliterate } from './vendor/transliterate/index.mjs';

// Called by the portal of the authors: the address of a page is made of its title.
export const handler = async ({ title }) => {
  if (typeof title !== 'string' || !title.trim() || title.length > 500) return { error: 'A page needs a title.' };
  const plain = await transliterate(title);
  const slug = plain
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  return { slug };
};
