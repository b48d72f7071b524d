import { HeadBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { type CheckContext, fail, type Outcome, pass, tableRow } from '../../../server/kit.ts';
import { bucketOf, deleteTheBucket, invoice } from '../invoices.ts';

/** The portal uploads invoices, and each becomes a row of payables. */
export async function invoicesAreImported(ctx: CheckContext): Promise<Outcome> {
  const portal = ctx.user('portal').client(S3Client);
  const invoices = [invoice(ctx), invoice(ctx)];
  for (const [at, each] of invoices.entries()) {
    const Key = `incoming/${at ? 'Müller + Sons/' : ''}${each.invoice}.json`;
    const put = await ctx.attempt(() =>
      portal.send(new PutObjectCommand({ Bucket: bucketOf(ctx), Key, Body: JSON.stringify(each) })),
    );
    if (!put.ok) return fail(`portal cannot upload an invoice to ${bucketOf(ctx)}: ${put.message}`);
  }
  await ctx.settle();
  for (const each of invoices) {
    const row = tableRow(ctx, 'payables', { invoice: each.invoice });
    if (!row) return fail(`an invoice that portal uploaded to ${bucketOf(ctx)} is not in payables${ctx.lastFailure()}`);
    if (row.iban !== each.iban || row.cents !== each.cents)
      return fail('payables has another account or amount than the invoice that was uploaded');
  }
  return pass(`${invoices.length} invoices that portal uploaded are in payables`);
}

/** The bucket will go, whatever the fix: the user migration empties and deletes it. */
export async function theMigrationCanRun(ctx: CheckContext): Promise<Outcome> {
  const gone = await ctx.attempt(() => deleteTheBucket(ctx, ctx.user('migration')));
  if (!gone.ok) return fail(`migration cannot empty and delete ${bucketOf(ctx)}: ${gone.message}`);
  const still = await ctx.attempt(() =>
    ctx
      .admin()
      .client(S3Client)
      .send(new HeadBucketCommand({ Bucket: bucketOf(ctx) })),
  );
  return still.ok ? fail(`${bucketOf(ctx)} is still there`) : pass(`migration emptied and deleted ${bucketOf(ctx)}`);
}
