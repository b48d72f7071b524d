import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Submission } from '../../server/catalogue/definition.ts';
import { zipFiles, zipFolder } from '../../server/catalogue/zip.ts';
import type { Actor } from '../../server/grading/actor.ts';
import { projectRoot } from '../../server/paths.ts';

/** What the API's `/attempts/:attempt/environment` answers. */
export interface WireEnvironment {
  region: string;
  account: string;
  outputs: Record<string, string>;
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken: string };
}

/** Makes a lab's submission in somebody's account through the AWS endpoint alone. */
export async function applyOverTheWire(
  awsUrl: string,
  { region, account, outputs, credentials }: WireEnvironment,
  lab: string,
  submission: Submission,
): Promise<void> {
  const folder = join(projectRoot, 'labs', lab);
  const config = { region, endpoint: awsUrl, credentials, forcePathStyle: true, maxAttempts: 1 };
  await submission.apply({
    region,
    account,
    outputs,
    admin: { name: 'the learner', credentials, client: (Client) => new Client(config) } as Actor,
    zip: (files) => (typeof files === 'string' ? zipFolder(join(folder, files)) : zipFiles(files)),
    file: (path) => readFileSync(join(folder, path), 'utf8'),
    cloud: undefined as never,
  });
}
