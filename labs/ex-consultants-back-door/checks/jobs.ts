import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { GetLayerVersionByArnCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { type CheckContext, fail, type Outcome, pass, putTableRows } from '../../../server/kit.ts';
import {
  alias,
  functionArn,
  functionName,
  layerArn,
  layerName,
  layerVersion,
  load,
  partnerRole,
  partnerUser,
} from '../freight.ts';

/** The company's site and the partner's program ask the alias for prices. */
export async function quotesAreGiven(ctx: CheckContext): Promise<Outcome> {
  for (const [who, actor] of [
    ['booking-site', ctx.user('booking-site')],
    [partnerUser, ctx.user(partnerUser, 'partner')],
  ] as const) {
    const { contract, kilos, price } = load(ctx);
    putTableRows(ctx, 'contracts', [contract]);
    const asked = await ctx.attempt(() =>
      actor.client(LambdaClient).send(
        new InvokeCommand({
          FunctionName: functionArn(ctx),
          Qualifier: alias,
          Payload: JSON.stringify({ customer: contract.customer, kilos }),
        }),
      ),
    );
    if (!asked.ok) return fail(`${who} cannot call ${functionName}:${alias}: ${asked.message}`);
    const answer = Buffer.from(asked.value.Payload ?? []).toString();
    if (asked.value.FunctionError || (JSON.parse(answer) as { cents?: number })?.cents !== price)
      return fail(
        `${functionName}:${alias} answers ${who} ${answer.slice(0, 200)}, not ${price} cents${ctx.lastFailure()}`,
      );
  }
  return pass(`${functionName}:${alias} quotes booking-site and ${partnerUser} the right prices`);
}

/** The partner builds its own programs with the layer, and reads when ships sail. */
export async function thePartnerKeepsTheRest(ctx: CheckContext): Promise<Outcome> {
  const partner = ctx.user(partnerUser, 'partner');
  const layer = `${layerName}:${layerVersion}`;
  const read = await ctx.attempt(() =>
    partner.client(LambdaClient).send(new GetLayerVersionByArnCommand({ Arn: layerArn(ctx) })),
  );
  if (!read.ok) return fail(`${partnerUser} cannot get the layer ${layer}: ${read.message}`);
  const RoleArn = `arn:aws:iam::${ctx.account().id}:role/${partnerRole}`;
  const taken = await ctx.attempt(() =>
    partner.client(STSClient).send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'reports' })),
  );
  if (!taken.ok) return fail(`${partnerUser} cannot take on ${partnerRole}: ${taken.message}`);
  const { AccessKeyId, SecretAccessKey, SessionToken } = taken.value.Credentials!;
  const reports = ctx.holder(partnerRole, {
    accessKeyId: AccessKeyId!,
    secretAccessKey: SecretAccessKey!,
    sessionToken: SessionToken!,
  });
  const Key = { ship: { S: 'Petrel' } };
  const sailing = await ctx.attempt(() =>
    reports.client(DynamoDBClient).send(new GetItemCommand({ TableName: 'sailings', Key })),
  );
  if (!sailing.ok) return fail(`${partnerUser} cannot read sailings as ${partnerRole}: ${sailing.message}`);
  if (!sailing.value.Item) return fail(`sailings has no row for the Petrel any more`);
  return pass(`${partnerUser} gets ${layer}, and reads sailings as ${partnerRole}`);
}
