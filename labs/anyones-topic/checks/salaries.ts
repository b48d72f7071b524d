import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { type CheckContext, fail, type Outcome, pass, recall } from '../../../server/kit.ts';
import { bank, payment } from '../bank.ts';

/** What the HR system publishes on payday is paid, once each. */
export async function salariesArePaid(ctx: CheckContext): Promise<Outcome> {
  const payments = [payment(ctx), payment(ctx)];
  const sns = ctx.user('hr-system').client(SNSClient);
  for (const each of payments)
    await sns.send(new PublishCommand({ TopicArn: ctx.outputs.topic!, Message: JSON.stringify(each) }));
  await ctx.settle();
  for (const each of payments) {
    const transfers = recall(ctx, bank).filter(({ reference }) => reference === each.reference);
    if (transfers.length === 0)
      return fail(`a payment that hr-system published to payroll did not reach ${bank}${ctx.lastFailure()}`);
    if (transfers.length > 1) return fail(`a payment that hr-system published once was made ${transfers.length} times`);
    if (transfers[0]!.to !== each.iban || transfers[0]!.cents !== each.cents)
      return fail(`${bank} was told another account or amount than the message named`);
  }
  return pass(`payments that hr-system published to payroll reached ${bank} once each`);
}
