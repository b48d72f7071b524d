import type { Advisory, PublishedVersion } from '../../server/kit.ts';

/** The packages of the story, and what is known about them. */

export const registry = 'npm.wrenhollow-tickets.example';

const fold = (version: string, published: string, code: string): PublishedVersion => ({
  name: 'deep-fold',
  version,
  published,
  files: { 'index.js': code, 'README.md': '# deep-fold\n\nFolds one object into another, all the way down.\n' },
});

/** `skip` is a condition on a key. */
const folding = (exported: string, skip: string): string => `'use strict';

const isObject = (value) => (typeof value === 'object' && value !== null) || typeof value === 'function';

function fold(target, source) {
  for (const key of Object.keys(source)) {${skip}
    const value = source[key];
    if (!isObject(value)) target[key] = value;
    else {
      if (!isObject(target[key])) target[key] = {};
      fold(target[key], value);
    }
  }
  return target;
}

${exported} = fold;
`;

const halfSafe = "\n    if (key === '__proto__') continue;";
const safe = "\n    if (key === '__proto__' || key === 'constructor' || key === 'prototype') continue;";

export const fold14 = fold('1.4.2', '2024-02-05T10:00:00.000Z', folding('module.exports', ''));
export const fold16 = fold('1.6.3', '2026-03-02T12:00:00.000Z', folding('module.exports', halfSafe));
/** The first without a finding. From 2.0.0 on the function has a name: `const { fold } = require('deep-fold')`. */
export const fold21 = fold('2.1.0', '2026-06-17T09:30:00.000Z', folding('exports.fold', safe));

/** Asked for by ticket-barcode alone. */
export const digit: PublishedVersion = {
  name: 'check-digit',
  version: '1.0.4',
  published: '2023-10-12T11:00:00.000Z',
  files: {
    'index.js': `'use strict';

/** The last digit of an EAN-13. */
module.exports = (digits) => {
  const sum = [...digits].reduce((all, each, at) => all + Number(each) * (at % 2 ? 3 : 1), 0);
  return String((10 - (sum % 10)) % 10);
};
`,
  },
};

const barcode = (version: string, published: string, range: string, required: string): PublishedVersion => ({
  name: 'ticket-barcode',
  version,
  published,
  dependencies: { 'check-digit': '^1.0.0', 'deep-fold': range },
  files: {
    'index.js': `'use strict';
const checkDigit = require('check-digit');
const ${required} = require('deep-fold');

/** barcode('A-1', { height: 60 }) is 'code128:60:A-1' */
module.exports = function barcode(text, options = {}) {
  const { kind, height } = fold({ kind: 'code128', height: 40 }, options);
  return [kind, height, kind === 'ean13' ? text + checkDigit(text) : text].join(':');
};
`,
  },
});

export const barcode12 = barcode('1.2.0', '2024-09-30T08:00:00.000Z', '^1.4.0', 'fold');
export const barcode13 = barcode('1.3.0', '2026-07-01T16:45:00.000Z', '^2.1.0', '{ fold }');

export const published: PublishedVersion[] = [
  fold14,
  fold16,
  fold('2.0.0', '2026-04-20T09:00:00.000Z', folding('exports.fold', halfSafe)),
  fold21,
  digit,
  barcode12,
  barcode13,
];

/** What the last build took. */
export const installed = [barcode12, digit, fold14];

export const advisories: Advisory[] = [
  {
    package: 'deep-fold',
    id: 'GHSA-7f3q-w5c2-x9mh',
    title: 'Prototype pollution in deep-fold',
    severity: 'high',
    range: '<1.6.3',
    cwe: ['CWE-1321'],
  },
  {
    package: 'deep-fold',
    id: 'GHSA-p2vr-8j6g-4crw',
    title: 'Incomplete fix of prototype pollution in deep-fold',
    severity: 'high',
    range: '<2.1.0',
    cwe: ['CWE-1321'],
  },
];
