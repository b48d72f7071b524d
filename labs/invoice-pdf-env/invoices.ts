import { createHmac } from 'node:crypto';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { type CheckContext, hex } from '../../server/kit.ts';

/** Invoices as customers send them in through the portal, and what becomes of them. */

export interface Pdf {
  key: string;
  bytes: Buffer;
  seal: string | undefined;
}

/** Names as customers have them: letters, digits and a few signs that a shell reads in its own way. */
export function plainNames(ctx: CheckContext): string[] {
  return [`INV-2026-${hex(ctx.random, 3)}`, `rechnung_Ünal.${hex(ctx.random, 3)}`];
}

export function namesWithSigns(ctx: CheckContext): string[] {
  const tag = hex(ctx.random, 3);
  return [
    `Invoice ${tag} (copy)`,
    `A+B & Söhne, No. ${tag}`,
    `O'Neil's 100% #${tag}`,
    `5%20off ${tag} 領収書`,
    `${tag} Tom & 'Jerry' - 50% - (final)`,
  ];
}

/** A customer puts an invoice in; the portal refuses nothing. */
export async function send(ctx: CheckContext, name: string, text: string): Promise<void> {
  const Bucket = ctx.outputs.bucket!;
  await ctx
    .user('portal')
    .client(S3Client)
    .send(new PutObjectCommand({ Bucket, Key: `incoming/${name}.txt`, Body: text }));
}

/** What a customer downloads under the name of the own invoice; undefined when there is none. */
export async function download(ctx: CheckContext, name: string): Promise<Pdf | undefined> {
  const key = `pdf/${name}.pdf`;
  const got = await ctx.attempt(() =>
    ctx
      .user('portal')
      .client(S3Client)
      .send(new GetObjectCommand({ Bucket: ctx.outputs.bucket!, Key: key })),
  );
  if (!got.ok) return undefined;
  const bytes = Buffer.from(await got.value.Body!.transformToByteArray());
  return { key, bytes, seal: got.value.Metadata?.seal };
}

/** Everything that lies where customers download from. */
export async function allPdfs(ctx: CheckContext): Promise<Pdf[]> {
  const Bucket = ctx.outputs.bucket!;
  const s3 = ctx.admin().client(S3Client);
  const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'pdf/' }));
  return Promise.all(
    (Contents ?? []).map(async ({ Key }) => {
      const { Body, Metadata } = await s3.send(new GetObjectCommand({ Bucket, Key: Key! }));
      return { key: Key!, bytes: Buffer.from(await Body!.transformToByteArray()), seal: Metadata?.seal };
    }),
  );
}

/** The seal that the tax office asks for. */
export const sealOf = (ctx: CheckContext, bytes: Uint8Array): string =>
  createHmac('sha256', ctx.secrets['seal key']!).update(bytes).digest('hex');

/** All texts of a PDF that is not compressed: what stands in brackets or in hexadecimal digits, decoded. */
export function textsOf(pdf: Buffer): string[] {
  const latin = pdf.toString('latin1');
  const texts: string[] = [];
  for (let at = 0; at < latin.length && texts.length < 5_000; at++) {
    if (latin.startsWith('<<', at)) at++;
    else if (latin[at] === '<') {
      const end = latin.indexOf('>', at);
      if (end < 0) break;
      texts.push(decoded(Buffer.from(latin.slice(at + 1, end).replace(/\s/g, ''), 'hex')));
      at = end;
    } else if (latin[at] === '(') {
      const [text, end] = literal(latin, at);
      texts.push(decoded(Buffer.from(text, 'latin1')));
      at = end;
    }
  }
  return texts;
}

const escapes: Record<string, string> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };

/** A literal string of PDF from its bracket on, and where it ends: brackets in pairs need no backslash. */
function literal(pdf: string, start: number): [text: string, end: number] {
  let text = '';
  let depth = 1;
  let at = start + 1;
  for (; at < pdf.length; at++) {
    const char = pdf[at]!;
    if (char === '\\') {
      const octal = /^[0-7]{1,3}/.exec(pdf.slice(at + 1, at + 4))?.[0];
      text += octal
        ? String.fromCharCode(Number.parseInt(octal, 8) & 255)
        : (escapes[pdf[at + 1]!] ?? pdf[at + 1] ?? '');
      at += octal?.length ?? 1;
      continue;
    }
    if (char === '(') depth++;
    if (char === ')' && --depth === 0) break;
    text += char;
  }
  return [text, at];
}

/** PDF's text strings: UTF-16 or UTF-8 by their mark, anything else is taken for UTF-8. */
function decoded(bytes: Buffer): string {
  if (bytes[0] === 0xfe && bytes[1] === 0xff)
    return Buffer.from(bytes.subarray(2, bytes.length & ~1))
      .swap16()
      .toString('utf16le');
  return bytes.toString('utf8').replace(/^\ufeff/, '');
}
