import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { alphanumeric, type CheckContext, digits, fail, type Outcome, pass } from '../../../server/kit.ts';

export const functionName = 'receipts';

/** A till asks for a receipt that nobody has printed before. */
export async function receiptsArePrinted(ctx: CheckContext): Promise<Outcome> {
  const tills = ctx.user('tills').client(LambdaClient);
  const item = (length: number, quantity: number) => ({
    name: `Tea ${alphanumeric(ctx.random, 5)}`,
    quantity,
    price: Number(`1${digits(ctx.random, length)}`),
  });
  const items = [item(2, 1), item(3, 2), item(6, 1)];
  const cents = items.map(({ quantity, price }) => quantity * price);
  const wanted = [...cents, cents.reduce((sum, each) => sum + each, 0)].map((each) => amount(each, 'EUR'));
  const answer = await tills.send(
    new InvokeCommand({ FunctionName: functionName, Payload: JSON.stringify({ items, currency: 'EUR' }) }),
  );
  const payload = Buffer.from(answer.Payload ?? []).toString();
  if (answer.FunctionError) return fail(`${functionName} fails: ${payload.slice(0, 300)}`);
  const { text } = (JSON.parse(payload) ?? {}) as { text?: unknown };
  const missing = [...items.map(({ name }) => name), ...wanted].find((each) => !String(text).includes(each));
  return missing === undefined
    ? pass(`${functionName} prints receipts`)
    : fail(`${functionName} prints a receipt without "${missing}": ${JSON.stringify(text)?.slice(0, 200)}`);
}

/** 123450 → `1,234.50 EUR` */
function amount(cents: number, currency: string): string {
  const [whole, rest] = (cents / 100).toFixed(2).split('.') as [string, string];
  return `${Number(whole).toLocaleString('en-US')}.${rest} ${currency}`;
}
