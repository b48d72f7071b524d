import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Range, startRange } from '../../server/range.ts';

/** A running installation with one started lab, and what `range env` prints for it. */
export interface RunningRange {
  range: Range;
  folder: string;
  /** The attempt's environment: credentials, region, AWS_ENDPOINT_URL. */
  env: Record<string, string>;
  attempt: string;
  close(): Promise<void>;
}

/** Starts the whole server on free ports over a temporary data folder, and one lab in it. */
export async function runRange(lab = 'thumbnailer-owns-s3'): Promise<RunningRange> {
  const folder = mkdtempSync(join(tmpdir(), 'lambda-range-clients-'));
  const range = await startRange({
    port: 0,
    awsPort: 0,
    host: '127.0.0.1',
    dataDir: join(folder, 'data'),
    logLevel: 'error',
    poolSize: 1,
    sandbox: 'auto',
  });
  const { id } = await range.training.start('local', lab);
  return {
    range,
    folder,
    attempt: id,
    env: environmentOf(range, id),
    async close() {
      await range.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What an AWS client needs for an attempt. */
export function environmentOf(range: Range, attempt: string): Record<string, string> {
  const credentials = range.training.credentials('local', attempt);
  const { region } = range.training.view('local', attempt);
  return {
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_SESSION_TOKEN: credentials.sessionToken,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ENDPOINT_URL: range.awsUrl,
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}
