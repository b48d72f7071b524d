import type { CapturedService } from '../types.ts';
import { capturedEc2 } from './ec2/index.ts';
import { capturedIam } from './iam.ts';
import { capturedKms } from './kms.ts';
import { capturedLambda } from './lambda/index.ts';
import { capturedLogs } from './logs.ts';
import { capturedS3 } from './s3/index.ts';
import { capturedSecretsManager } from './secretsmanager.ts';
import { capturedSns } from './sns.ts';
import { capturedSqs } from './sqs/index.ts';
import { capturedSsm } from './ssm.ts';

/** In the order in which removal goes: what uses others comes first. */
export const captured: readonly CapturedService[] = [
  capturedS3,
  capturedLambda,
  capturedSns,
  capturedSqs,
  capturedEc2,
  capturedLogs,
  capturedSecretsManager,
  capturedSsm,
  capturedKms,
  capturedIam,
];
