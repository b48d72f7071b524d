import {
  CreateFunctionCommand,
  DeleteFunctionCommand,
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  LambdaClient,
  PublishVersionCommand,
  UpdateAliasCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { type CheckContext, digits, fail, hex, type Outcome, pass, zipFiles } from '../../../server/kit.ts';

/** The pipeline's run for a new release, call by call, as the README lists it. */
export async function ordersIsDeployed(ctx: CheckContext): Promise<Outcome> {
  const lambda = ctx.user('deployer').client(LambdaClient);
  const FunctionName = 'orders';
  const release = `r-${hex(ctx.random, 8)}`;
  const id = digits(ctx.random, 6);
  let said = '';
  let last = '';
  const step = <T>(name: string, work: Promise<T>): Promise<T> => {
    last = name;
    return work;
  };
  const done = await ctx.attempt(async () => {
    await step('GetFunction on orders', lambda.send(new GetFunctionCommand({ FunctionName })));
    const { Role, Environment, MemorySize } = await step(
      'GetFunctionConfiguration on orders',
      lambda.send(new GetFunctionConfigurationCommand({ FunctionName })),
    );
    const ZipFile = zipFiles({ 'index.mjs': code(release) });
    const preview = { FunctionName: 'orders-preview' };
    await step(
      'CreateFunction of orders-preview with the role of orders',
      lambda.send(
        new CreateFunctionCommand({
          ...preview,
          Role: Role!,
          Runtime: 'nodejs22.x',
          Handler: 'index.handler',
          Code: { ZipFile },
          Environment: { Variables: Environment?.Variables ?? {} },
          Tags: { team: 'orders' },
        }),
      ),
    );
    await step('DeleteFunction on orders-preview', lambda.send(new DeleteFunctionCommand(preview)));
    await step('UpdateFunctionCode on orders', lambda.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile })));
    await step(
      'UpdateFunctionConfiguration on orders',
      lambda.send(
        new UpdateFunctionConfigurationCommand({
          FunctionName,
          Role: Role!,
          MemorySize: MemorySize === 256 ? 512 : 256,
          Timeout: 8,
          Environment: { Variables: { ...Environment?.Variables, RELEASE: release } },
        }),
      ),
    );
    const { Version } = await step(
      'PublishVersion of orders',
      lambda.send(new PublishVersionCommand({ FunctionName })),
    );
    await step(
      'UpdateAlias live of orders',
      lambda.send(new UpdateAliasCommand({ FunctionName, Name: 'live', FunctionVersion: Version! })),
    );
    const order = { id, items: [{ sku: 'tent-2', cents: 14_900, count: 2 }] };
    const answer = await step(
      'Invoke on orders:live',
      lambda.send(new InvokeCommand({ FunctionName, Qualifier: 'live', Payload: Buffer.from(JSON.stringify(order)) })),
    );
    said = Buffer.from(answer.Payload ?? []).toString();
  });
  if (!done.ok) return fail(`the pipeline's deployment stops at ${last}: ${done.code}: ${done.message}`);
  if (!said.includes(release) || !said.includes('29800'))
    return fail(`after a deployment orders:live does not answer as release ${release}: ${said.slice(0, 200)}`);
  return pass(`the pipeline deployed release ${release}, and orders:live took an order with it`);
}

/** The next release of orders, which writes its own mark into what it answers. */
function code(release: string): string {
  return `import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
const s3 = new S3Client({});
export const handler = async ({ id, items }) => {
  const cents = items.reduce((sum, item) => sum + item.cents * item.count, 0);
  await s3.send(new PutObjectCommand({ Bucket: process.env.BUCKET, Key: \`orders/\${id}.json\`, Body: JSON.stringify({ id, items, cents }) }));
  return { id, cents, release: process.env.RELEASE, built: '${release}' };
};
`;
}
