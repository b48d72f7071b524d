import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadSubmissions } from '../../../server/catalogue/catalogue.ts';
import type { Cloud } from '../../../server/cloud/cloud.ts';
import { seededRandom } from '../../../server/cloud/random.ts';
import { changesTo } from '../../../server/cloud/upstream/capture.ts';
import { fewLabs } from '../../contract/drawn.ts';
import { catalogue, failing, Harness } from '../../contract/harness.ts';
import { capture, inOrder, loaded } from './kit.ts';

const few = fewLabs(catalogue.labs);

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.open();
});
afterAll(() => harness?.close());

/** The embedded cloud is an AWS endpoint too: whatever learners make in it is read back by read calls alone. */
describe.each(catalogue.labs.map((lab) => [lab.id, lab] as const))('an account of %s', async (id, lab) => {
  const submissions = await loadSubmissions(id);
  const share = submissions.slice(0, 3);
  let cloud: Cloud;
  beforeAll(async () => {
    cloud = await harness.deploy(lab, `capture ${id}`);
  });

  test.each(share.map((submission) => [submission.name, submission] as const))(
    'is captured whole after %s: loaded and captured again it is the same',
    async (_name, submission) => {
      const changed = await harness.submit(cloud, lab, submission);
      const { found, unread } = await capture(changed);
      // This endpoint obeys policies, and one may deny its root, or keep a key from it; those behind the gateway obey none.
      const denied = unread.filter(({ because }) =>
        /with an explicit deny in a resource-based policy$|because the KMS access was denied/.test(because),
      );
      expect(unread).toEqual(denied);
      if (denied.length > 0) return changed.close();
      const again = await capture(loaded(changed, found));
      expect(again.unread).toEqual([]);
      expect(inOrder(again.found)).toEqual(inOrder(found));
      await changed.close();
    },
  );

  if (!few.includes(lab)) return;
  test('gives the same verdicts when it was captured', async () => {
    for (const submission of [submissions.find(({ name }) => name === 'reference')!, submissions.at(-1)!]) {
      const changed = await harness.submit(cloud, lab, submission);
      const { found } = await capture(changed);
      const copy = changed.fork({ id: `captured ${submission.name}`, random: seededRandom(submission.name) });
      copy.state.commit(changesTo(copy.state, copy.scope(copy.account().id), found, { data: true }));
      const report = await harness.grade(copy, lab, submission.name);
      expect(failing(report), submission.name).toEqual([...submission.fails].sort());
      await Promise.all([changed.close(), copy.close()]);
    }
  });
});
