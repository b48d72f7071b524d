import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cloud } from '../cloud/cloud.ts';
import { type Actor, rootActor } from '../grading/actor.ts';
import type { Lab } from './catalogue.ts';
import type { Submission } from './definition.ts';
import { factsOf } from './facts.ts';
import { zipFiles, zipFolder } from './zip.ts';

/**
 * Makes a named submission in a cloud, as the learner's administrator, and lets the account come to rest.
 * @param admin whose calls make it; default: calls in this process
 */
export async function applySubmission(
  cloud: Cloud,
  lab: Lab,
  submission: Submission,
  admin: Actor = rootActor(
    { name: 'learner', cloud, region: cloud.region, source: { ip: '192.0.2.44', secure: true } },
    cloud.account().id,
  ),
): Promise<void> {
  await submission.apply({
    region: cloud.region,
    account: cloud.account().id,
    outputs: factsOf(cloud.state).outputs,
    admin,
    zip: (files) => (typeof files === 'string' ? zipFolder(join(lab.folder, files)) : zipFiles(files)),
    file: (path) => readFileSync(join(lab.folder, path), 'utf8'),
    cloud,
  });
  await cloud.settle();
}
