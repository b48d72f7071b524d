import type {
  BeginTransactionCommandInput,
  BeginTransactionCommandOutput,
  CommitTransactionCommandInput,
  CommitTransactionCommandOutput,
  RollbackTransactionCommandInput,
  RollbackTransactionCommandOutput,
} from '@aws-sdk/client-rds-data';
import { type CallContext, operation } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import { authenticate, badRequest, clusterAccess, type Session } from './authenticate.ts';
import { contentOf, inTurn, memoryOf, saveContent } from './databases.ts';
import { type DatabaseContent, runStatement, type SqlParameters, type SqlResult } from './sql-engine.ts';

/** A transaction works on a copy. It lives in memory alone: a restart ends it, as a lost connection does in AWS. */
interface OpenTransaction {
  clusterId: string;
  user: string;
  /** What the copy was taken of. */
  base: string;
  content: DatabaseContent;
  written?: Uint8Array;
  lastUsed: number;
}

/** "A transaction times out if there are no calls that use its transaction ID in three minutes." */
const IDLE = 3 * 60_000;
const MOST_OPEN = 10;

export const BeginTransaction = operation<BeginTransactionCommandInput, BeginTransactionCommandOutput>({
  access: (ctx, input) => clusterAccess(ctx, 'BeginTransaction', input.resourceArn!),
  async run(ctx, input) {
    const session = await authenticate(ctx, input);
    const open = openOnes(ctx);
    if (open.size >= MOST_OPEN) throw badRequest('Too many transactions are open.');
    const content = contentOf(ctx.cloud, session.scope, session.cluster.id);
    const transactionId = ctx.cloud.random.bytes(66).toString('base64');
    open.set(transactionId, {
      clusterId: session.cluster.id,
      user: session.login.user,
      base: content.name,
      content,
      lastUsed: ctx.now,
    });
    return { transactionId };
  },
});

export const CommitTransaction = operation<CommitTransactionCommandInput, CommitTransactionCommandOutput>({
  access: (ctx, input) => clusterAccess(ctx, 'CommitTransaction', input.resourceArn!),
  async run(ctx, input) {
    const session = await authenticate(ctx, input);
    const { scope, cluster } = session;
    const transaction = take(ctx, session, input.transactionId!);
    await inTurn(ctx.cloud, scope, cluster.id, async () => {
      openOnes(ctx).delete(input.transactionId!);
      if (!transaction.written) return;
      // differs from AWS: nobody waits for locks; who commits second over the same base has lost.
      if (contentOf(ctx.cloud, scope, cluster.id).name !== transaction.base)
        throw badRequest('ERROR: could not serialize access due to concurrent update; SQLState: 40001');
      saveContent(ctx.cloud, scope, cluster.id, transaction.written);
    });
    return { transactionStatus: 'Transaction Committed' };
  },
});

export const RollbackTransaction = operation<RollbackTransactionCommandInput, RollbackTransactionCommandOutput>({
  access: (ctx, input) => clusterAccess(ctx, 'RollbackTransaction', input.resourceArn!),
  async run(ctx, input) {
    const session = await authenticate(ctx, input);
    take(ctx, session, input.transactionId!);
    openOnes(ctx).delete(input.transactionId!);
    return { transactionStatus: 'Rollback Complete' };
  },
});

/** Runs a statement on the transaction's copy. */
export function executeWithin(
  ctx: CallContext,
  session: Session,
  transactionId: string,
  request: { sql: string; sets: SqlParameters[]; readOnly: boolean; most: number },
): Promise<SqlResult[]> {
  return inTurn(ctx.cloud, session.scope, session.cluster.id, async () => {
    const transaction = take(ctx, session, transactionId);
    const { results, written } = await runStatement({ ...request, database: transaction.content });
    if (written) {
      transaction.written = written.bytes;
      transaction.content = { name: written.name, bytes: () => written.bytes };
    }
    return results;
  });
}

function take(ctx: CallContext, session: Session, transactionId: string): OpenTransaction {
  const transaction = openOnes(ctx).get(transactionId);
  if (!transaction || transaction.clusterId !== session.cluster.id || transaction.user !== session.login.user)
    throw new AwsError('TransactionNotFoundException', `Transaction ${transactionId} is not found`, 404);
  transaction.lastUsed = ctx.now;
  return transaction;
}

/** The cloud's transactions, without those that nobody has used for too long. */
function openOnes(ctx: CallContext): Map<string, OpenTransaction> {
  const all = memoryOf<Map<string, OpenTransaction>>(ctx.cloud, 'rdsdata.transactions', () => new Map());
  for (const [id, { lastUsed }] of all) if (ctx.now - lastUsed > IDLE) all.delete(id);
  return all;
}
