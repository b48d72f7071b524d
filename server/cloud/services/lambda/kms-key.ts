import type { Cloud } from '../../cloud.ts';
import { AwsError } from '../../errors.ts';
import { getKey } from '../kms/keys-store.ts';
import type { VersionRecord } from './records.ts';

const refused = (code: string, why: string): AwsError =>
  new AwsError(
    code,
    `Lambda was unable to decrypt the environment variables because ${why}. Please check the function's KMS key settings.`,
    502,
    { Type: 'User' },
  );

/**
 * A function whose variables lie under a customer key cannot start without it. Lambda holds a grant of its own, so the
 * key's state is asked and no right of the role.
 * differs from AWS: environments that are warm are asked too, there they run on until they end.
 */
export function mustHaveKey(cloud: Cloud, version: VersionRecord): void {
  const arn = version.environment?.proof ? version.kmsKeyArn : undefined;
  if (!arn) return;
  const [, , , region = '', account = ''] = arn.split(':');
  let state: string;
  try {
    ({ state } = getKey({ state: cloud.state.begin(), account, region, now: cloud.clock.now() }, arn).key);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw refused('KMSNotFoundException', 'the KMS key was not found');
  }
  if (state === 'Disabled') throw refused('KMSDisabledException', 'the KMS key used is disabled');
  if (state !== 'Enabled')
    throw refused('KMSInvalidStateException', 'the state of the KMS key used is not valid for Decrypt');
}
