import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { accessDeniedMessage, evaluate } from '../../../server/cloud/policy/index.ts';
import type { AccessRequest, Decision } from '../../../server/cloud/policy/types.ts';

/** Made by `npm run oracle`; `source` is the page of AWS's documentation that decided against the oracle. */
interface GoldenCase {
  name: string;
  request: AccessRequest;
  expected: Decision['decision'];
  source?: string;
}

const folder = new URL('./golden/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.json'));

describe('golden cases', () => {
  test('there are at least 1,500 of them', () => {
    const count = files.reduce((sum, name) => sum + read(name).length, 0);
    expect(count).toBeGreaterThanOrEqual(1500);
  });

  test.each(files)('%s', (name) => {
    const wrong: string[] = [];
    for (const { name: title, request, expected, source } of read(name)) {
      const decision = evaluate(request);
      if (decision.decision !== expected) {
        wrong.push(`${title}: ${decision.decision} instead of ${expected}${source ? ` (${source})` : ''}`);
      }
      if (
        decision.because === '' ||
        (expected !== 'allowed' && !accessDeniedMessage(request, decision).includes(decision.reason))
      ) {
        wrong.push(`${title}: no explanation`);
      }
      if (expected === 'explicitDeny' && decision.by.length === 0) wrong.push(`${title}: names no statement`);
    }
    expect(wrong).toEqual([]);
  });
});

function read(name: string): GoldenCase[] {
  return JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as GoldenCase[];
}
