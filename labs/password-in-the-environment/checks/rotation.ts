import { DescribeDBClustersCommand, ModifyDBClusterCommand, RDSClient } from '@aws-sdk/client-rds';
import {
  alphanumeric,
  type CheckContext,
  fail,
  lastLogin,
  type Outcome,
  pass,
  storeValue,
} from '../../../server/kit.ts';
import { seenBy } from '../attack.ts';
import { cluster, lookUp } from '../orders.ts';
import { placesOfPassword } from './places.ts';

export async function rotationNeedsNoDeployment(ctx: CheckContext): Promise<Outcome> {
  const before = await lookUp(ctx);
  if (!before.passed) return before;
  const rotated = await rotate(ctx);
  if ('because' in rotated) return rotated;
  ctx.advance(61 * 60_000);
  const after = await lookUp(ctx);
  if (!after.passed)
    return fail(`an hour after the password was changed in ${cluster} and in ${rotated.where}, ${after.because}`);
  await ctx.settle();
  const seen = await seenBy(ctx, ctx.user('auditor'), lastLogin(ctx, cluster)!);
  if (seen) return fail(`after the change auditor finds the new password in the ${seen}`);
  return pass(`orders went on by itself after the password was changed in ${rotated.where}`);
}

/** Changes the password as on-call would: in the database, and wherever the function read it from. */
async function rotate(ctx: CheckContext): Promise<{ where: string } | Outcome> {
  const holding = await placesOfPassword(ctx);
  if ('because' in holding) return holding;
  const rds = ctx.admin().client(RDSClient);
  const described = await rds.send(new DescribeDBClustersCommand({ DBClusterIdentifier: cluster }));
  const change = { DBClusterIdentifier: cluster, ApplyImmediately: true };
  if (described.DBClusters?.[0]?.MasterUserSecret) {
    await rds.send(new ModifyDBClusterCommand({ ...change, RotateMasterUserPassword: true }));
    await ctx.settle();
    return { where: 'the secret that RDS manages' };
  }
  const old = lastLogin(ctx, cluster)!;
  const fresh = `Rotated-${alphanumeric(ctx.random, 20)}`;
  for (const { read, value } of holding) {
    const refused = await storeValue(ctx, read, { ...value, text: withPassword(value.text, old, fresh) });
    if (refused) return fail(`on-call cannot store a new password in ${read.id}: ${refused}`);
  }
  await rds.send(new ModifyDBClusterCommand({ ...change, MasterUserPassword: fresh }));
  return { where: [...new Set(holding.map(({ read }) => read.id))].join(' and ') };
}

/** A stored value with another password in the place of the old one, written as the old one was. */
function withPassword(value: string, old: string, fresh: string): string {
  const ways: ((password: string) => string)[] = [
    (password) => password,
    (password) => JSON.stringify(password).slice(1, -1),
    encodeURIComponent,
    (password) => Buffer.from(password).toString('base64'),
    (password) => Buffer.from(password).toString('hex'),
  ];
  const way = ways.find((each) => value.includes(each(old)));
  return way ? value.replaceAll(way(old), () => way(fresh)) : value;
}
