import type { CallContext } from '../../context.ts';
import { invalidParameter } from './errors.ts';
import { roleMay } from './role-rights.ts';

/** A dead-letter target is a queue or a topic, and the role must be able to send there. */
export function checkDeadLetterTarget(ctx: CallContext, roleArn: string, functionName: string, target: string): void {
  const service = target.split(':')[2];
  if (!/^arn:aws:(?:sqs|sns):[a-z0-9-]{1,30}:\d{12}:[A-Za-z0-9_.-]{1,256}$/.test(target))
    throw invalidParameter(
      'The provided value for DeadLetterConfig is invalid: TargetArn must be the ARN of an SQS queue or an SNS topic.',
    );
  const [action, called] =
    service === 'sqs' ? ['sqs:SendMessage', 'SendMessage on SQS'] : ['sns:Publish', 'Publish on SNS'];
  if (!roleMay(ctx, roleArn, functionName, [{ action, resource: target }]))
    throw invalidParameter(`The provided execution role does not have permissions to call ${called}`);
}
