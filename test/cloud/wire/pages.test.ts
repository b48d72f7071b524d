import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { differences, differsPage, operationsPage } from '../../../scripts/cloud-pages.ts';
import { services } from '../../../server/cloud/services/index.ts';
import { membersOf, schemasOf } from '../../../server/cloud/wire/schemas.ts';
import { wireOf } from '../../../server/cloud/wire/services.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

describe('generated pages', () => {
  it.each([
    ['docs/operations.md', operationsPage],
    ['docs/differs.md', () => differsPage(root)],
  ])('%s says what the code says: `npm run docs:cloud` writes it', (file, page) => {
    if (process.env.UPDATE_DOCS) writeFileSync(`${root}/${file}`, page());
    expect(readFileSync(`${root}/${file}`, 'utf8')).toBe(page());
  });

  it('what is stored only is an operation that is emulated, or a member of one', () => {
    const unknown = Object.entries(services).flatMap(([id, { operations, stored = {} }]) =>
      Object.keys(stored).filter((key) => {
        const [name, member] = key.split('.') as [string, string?];
        const input = schemasOf(wireOf(id)).operations.get(name)?.input;
        if (!Object.hasOwn(operations, name) || !input) return true;
        return member !== undefined && ![...membersOf(input)].some(([known]) => known === member);
      }),
    );
    expect(unknown).toEqual([]);
  });

  it('a difference is told to the end of its comment', () => {
    const source = [
      '/** One thing. differs from AWS: it is so. */',
      '  // differs from AWS: two',
      '  // lines; here.',
      '  const code = 1;',
      '/**',
      ' * differs from AWS: a paragraph',
      ' * of two lines',
      ' *',
      ' * and another one',
      ' */',
    ].join('\n');
    expect(differences(source)).toEqual(['One thing. Here: it is so.', 'Two lines; here.', 'A paragraph of two lines']);
  });
});
