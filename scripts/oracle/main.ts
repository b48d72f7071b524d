import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { evaluate } from '../../server/cloud/policy/index.ts';
import type { GoldenCase, OracleCase } from './case.ts';
import { conditionCases } from './cases/conditions.ts';
import { handPicked } from './cases/hand-picked.ts';
import { layerCases } from './cases/layers.ts';
import { matchingCases } from './cases/matching.ts';
import { principalCases } from './cases/principals.ts';
import { variableCases } from './cases/variables.ts';
import { Oracle } from './oracle.ts';
import { Random } from './random.ts';

/**
 * `npm run oracle [seed] [cases]`: asks the oracle and the engine the same questions and writes the agreed answers as golden
 * cases. A case on which they differ is written only where it carries a ruling: the page of AWS's documentation that
 * decides it. Any other difference, or an engine that does not follow its ruling, is printed, and nothing is written.
 * With a number of cases, so many random ones are asked, of the seeds from `seed` on, and nothing is written either.
 */
async function main(): Promise<void> {
  const seed = Number(process.argv[2] ?? 20_261_122);
  const many = process.argv[3];
  const oracle = await Oracle.install();
  if (many !== undefined) {
    await askMany(oracle, seed, Number(many)).finally(() => oracle.close());
    return;
  }
  const topics: Record<string, OracleCase[]> = { ...randomCases(seed), 'hand-picked': handPicked() };
  const golden: Record<string, GoldenCase[]> = {};
  const faults: string[] = [];
  let ruled = 0;
  try {
    for (const [topic, cases] of Object.entries(topics)) {
      golden[topic] = [];
      for (const one of cases) {
        const result = await compare(oracle, one);
        if (typeof result === 'string')
          faults.push(`${topic}: ${one.name}: ${result}\n  ${JSON.stringify(one.request)}`);
        else golden[topic].push(result.golden);
        if (typeof result === 'object' && result.differs) ruled++;
      }
    }
  } finally {
    await oracle.close();
  }
  const count = Object.values(golden).reduce((sum, list) => sum + list.length, 0);
  console.log(
    `${count} cases agreed, ${ruled} of them by AWS's documentation against the oracle; ${faults.length} open`,
  );
  if (faults.length > 0) {
    console.log(faults.join('\n'));
    process.exitCode = 1;
    return;
  }
  const folder = fileURLToPath(new URL('../../test/cloud/policy/golden/', import.meta.url));
  await mkdir(folder, { recursive: true });
  for (const [topic, list] of Object.entries(golden)) {
    await writeFile(`${folder}${topic}.json`, `[\n${list.map((one) => JSON.stringify(one)).join(',\n')}\n]\n`);
  }
}

function randomCases(seed: number): Record<string, OracleCase[]> {
  const random = new Random(seed);
  return {
    conditions: conditionCases(random),
    variables: variableCases(random),
    matching: matchingCases(random),
    principals: principalCases(random),
    layers: layerCases(random),
  };
}

/** Asks the oracle at least `most` different random cases, and prints those that differ. */
async function askMany(oracle: Oracle, first: number, most: number): Promise<void> {
  const asked = new Set<string>();
  let differ = 0;
  let seed = first;
  for (; asked.size < most; seed++) {
    for (const one of Object.values(randomCases(seed)).flat()) {
      const hash = createHash('sha256').update(JSON.stringify(one.request)).digest('base64url');
      if (asked.has(hash)) continue;
      asked.add(hash);
      const result = await compare(oracle, one);
      if (typeof result !== 'string') continue;
      differ++;
      process.exitCode = 1;
      console.log(`seed ${seed}: ${one.name}: ${result}\n  ${JSON.stringify(one.request)}`);
    }
  }
  console.log(`${asked.size} cases of the seeds ${first} to ${seed - 1}; ${differ} differ`);
}

async function compare(oracle: Oracle, one: OracleCase): Promise<string | { golden: GoldenCase; differs: boolean }> {
  const { name, request, ruling } = one;
  const ours = evaluate(request).decision;
  const { answer, error, ignored } = await oracle.ask(one);
  const expected = ruling?.expected ?? answer;
  if (expected === undefined) return `the oracle has no answer: ${error}`;
  if (ours !== expected)
    return `engine ${ours}, ${ruling ? 'ruling' : 'oracle'} ${expected}, oracle ${answer ?? error}`;
  if (!ruling && ignored && ignored.length > 0) return `the oracle ignored ${ignored.join(', ')}`;
  const golden = { name, request, expected, ...(ruling ? { source: ruling.source } : {}) };
  return { golden, differs: ruling !== undefined && answer !== ruling.expected };
}

await main();
