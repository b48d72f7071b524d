import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { type Actor, type CheckContext, fail, type Outcome, pass, signedHttp } from '../../../server/kit.ts';
import { isWeb, maker, parameter, shipment, table } from '../report.ts';

/** The warehouse books a shipment; Mara, as the role analyst, gets a report that has it. */
export async function theAnalystGetsTheReport(ctx: CheckContext): Promise<Outcome> {
  const { id, customer, revenue, cost } = shipment(ctx);
  const booked = await ctx.attempt(() =>
    ctx
      .user('warehouse')
      .client(DynamoDBClient)
      .send(
        new PutItemCommand({
          TableName: table,
          Item: { id: { S: id }, customer: { S: customer }, revenue: { N: `${revenue}` }, cost: { N: `${cost}` } },
        }),
      ),
  );
  if (!booked.ok) return fail(`warehouse cannot book a shipment in ${table}: ${booked.code}`);
  const taken = await ctx.attempt(() =>
    ctx
      .user('mara')
      .client(STSClient)
      .send(new AssumeRoleCommand({ RoleArn: ctx.outputs['analyst role']!, RoleSessionName: 'mara' })),
  );
  if (!taken.ok) return fail(`mara cannot take on the role analyst: ${taken.code}`);
  const { AccessKeyId, SecretAccessKey, SessionToken } = taken.value.Credentials!;
  const analyst = ctx.holder('analyst (mara)', {
    accessKeyId: AccessKeyId!,
    secretAccessKey: SecretAccessKey!,
    sessionToken: SessionToken!,
  });
  const read = await ctx.attempt(() => analyst.client(SSMClient).send(new GetParameterCommand({ Name: parameter })));
  const address = read.ok ? read.value.Parameter!.Value! : '';
  const problems = read.ok ? [] : [`the role analyst cannot read ${parameter} (${read.code})`];
  for (const place of new Set([address, maker])) {
    if (place === '') continue;
    const answer = await ask(ctx, analyst, place);
    if (answer.includes(customer) && answer.includes(String(revenue - cost)))
      return pass(`mara as analyst got the report from ${place}`);
    problems.push(`${place} answered ${JSON.stringify(answer.slice(0, 120))}`);
  }
  return fail(`the role analyst does not get the report: ${problems.join('; ')}${ctx.lastFailure()}`);
}

/** As the analysts' tool does: a signed GET of an address, or else a call of the function of that name or ARN. */
async function ask(ctx: CheckContext, analyst: Actor, place: string): Promise<string> {
  if (isWeb(place)) {
    const { status, text } = await signedHttp(ctx, analyst, place);
    return status < 300 ? text : `${status} ${text}`;
  }
  const answer = await ctx.attempt(() =>
    analyst.client(LambdaClient).send(new InvokeCommand({ FunctionName: place, Payload: Buffer.from('{}') })),
  );
  if (!answer.ok) return `${answer.code}: ${answer.message}`;
  const text = Buffer.from(answer.value.Payload ?? []).toString();
  return answer.value.FunctionError ? `an error: ${text.replaceAll('Customer', '')}` : text;
}
