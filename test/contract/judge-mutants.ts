import { type Lab, loadIndifferent, loadSubmissions } from '../../server/catalogue/catalogue.ts';
import { seededRandom } from '../../server/cloud/random.ts';
import { inOrder } from './drawn.ts';
import type { Harness } from './harness.ts';
import { mutants } from './mutants.ts';

export interface Judged {
  /** `<right fix>: <mutant>` of those that nobody listed and no check minds. */
  survivors: string[];
  listed: number;
  judged: number;
}

/** Weakens the right fixes of a lab, `share` times at most, and asks for the verdict; a sample is the same for the same content. */
export async function judgeMutants(harness: Harness, lab: Lab, share: number): Promise<Judged> {
  const found: Judged = { survivors: [], listed: 0, judged: 0 };
  const right = (await loadSubmissions(lab)).filter(({ fails }) => fails.length === 0);
  const indifferent = await loadIndifferent(lab);
  const cloud = await harness.deploy(lab, `mutants ${lab.id}`);
  const fixes = await Promise.all(
    right.map(async (submission) => ({ submission, fixed: await harness.submit(cloud, lab, submission) })),
  );
  const all = fixes.flatMap(({ submission, fixed }) =>
    [...mutants(cloud, fixed)].map((mutant) => ({ mutant, fixed, name: `${submission.name}: ${mutant.name}` })),
  );
  const sample = inOrder(lab, all, ({ name }) => name).slice(0, share);
  for (const { mutant, fixed, name } of sample) {
    const weakened = fixed.fork({ id: `m${found.judged++}-${lab.id}`, random: seededRandom(name) });
    mutant.apply(weakened);
    const failure = await harness.firstFailure(weakened, lab, 'mutant');
    // A check that could not be run says nothing about the mutant: that is a fault of the lab.
    if (failure && failure.status !== 'failed') found.survivors.push(`${name}: ${failure.id} ${failure.status}`);
    if (!failure) {
      if (indifferent.some((entry) => name.includes(entry.mutant))) found.listed++;
      else found.survivors.push(name);
    }
    await weakened.close();
  }
  await Promise.all([cloud, ...fixes.map(({ fixed }) => fixed)].map((each) => each.close()));
  return found;
}
