import type { CapturedService } from '../types.ts';
import { capturedEc2 } from './ec2/index.ts';
import { capturedIam } from './iam.ts';
import { capturedKms } from './kms.ts';
import { capturedLambda } from './lambda/index.ts';

/** In the order in which removal goes: what uses others comes first. */
export const captured: readonly CapturedService[] = [capturedLambda, capturedEc2, capturedKms, capturedIam];
