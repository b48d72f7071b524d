import { type CheckContext, fail, hex, type Outcome, pass } from '../../../server/kit.ts';
import { download, sealOf, send, textsOf } from '../invoices.ts';

/** Each invoice becomes a PDF that has its name and its lines, and the right seal. */
export async function becomePdfs(ctx: CheckContext, names: string[]): Promise<Outcome> {
  for (const name of names) {
    const lines = [`Order ${hex(ctx.random, 4)} (net)`, `Total: ${hex(ctx.random, 2)} EUR; "paid" \\ $5`];
    await send(ctx, name, `${lines.join('\n')}\n`);
    await ctx.settle();
    const pdf = await download(ctx, name);
    if (!pdf) return fail(`the invoice ${name} did not become pdf/${name}.pdf${ctx.lastFailure()}`);
    if (!pdf.bytes.subarray(0, 5).equals(Buffer.from('%PDF-'))) return fail(`${pdf.key} is no PDF`);
    const texts = textsOf(pdf.bytes);
    if (!texts.includes(name)) return fail(`${pdf.key} has another title than ${name}`);
    const missing = lines.find((line) => !texts.some((text) => text.includes(line)));
    if (missing) return fail(`${pdf.key} lacks the line ${missing} of the invoice`);
    if (pdf.seal !== sealOf(ctx, pdf.bytes)) return fail(`the metadata of ${pdf.key} does not have the right seal`);
  }
  return pass(`${names.join(', ')} became PDFs with title, lines and seal`);
}
