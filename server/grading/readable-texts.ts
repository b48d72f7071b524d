import {
  GetFunctionCommand,
  LambdaClient,
  ListAliasesCommand,
  ListFunctionsCommand,
  ListTagsCommand,
  ListVersionsByFunctionCommand,
} from '@aws-sdk/client-lambda';
import { readZip, readZipEntry } from '../cloud/runtime/index.ts';
import type { Actor } from './actor.ts';
import type { CheckContext } from './check-context.ts';

/** A text that somebody could read, and where. */
export interface ReadableText {
  /** `variable DB_PASSWORD of orders:3`, `index.mjs of orders` */
  where: string;
  text: string;
}

/**
 * Everything that a reader of Lambda can learn about functions: variables, descriptions, tags, code and layers of every
 * version. Read with the reader's own calls, so that what they may not see is not in it.
 */
export async function readableTexts(ctx: CheckContext, reader: Actor): Promise<ReadableText[]> {
  const lambda = reader.client(LambdaClient);
  const texts: ReadableText[] = [];
  const list = await ctx.attempt(() => lambda.send(new ListFunctionsCommand({})));
  if (!list.ok) return texts;
  for (const { FunctionName, FunctionArn } of list.value.Functions ?? []) {
    const versions = await ctx.attempt(() =>
      lambda.send(new ListVersionsByFunctionCommand({ FunctionName: FunctionName! })),
    );
    for (const { Version } of versions.ok ? (versions.value.Versions ?? []) : [{ Version: '$LATEST' }]) {
      const name = Version === '$LATEST' ? FunctionName! : `${FunctionName}:${Version}`;
      const found = await ctx.attempt(() =>
        lambda.send(new GetFunctionCommand({ FunctionName: FunctionName!, Qualifier: Version! })),
      );
      if (!found.ok) continue;
      const { Configuration, Code, Tags } = found.value;
      for (const [variable, text] of Object.entries(Configuration?.Environment?.Variables ?? {}))
        texts.push({ where: `variable ${variable} of ${name}`, text });
      texts.push(
        { where: `description of ${name}`, text: Configuration?.Description ?? '' },
        { where: `handler of ${name}`, text: Configuration?.Handler ?? '' },
      );
      for (const [tag, text] of Object.entries(Tags ?? {})) texts.push({ where: `tag ${tag} of ${name}`, text });
      if (Code?.Location) {
        const { status, body } = await ctx.http(Code.Location, { as: reader.name });
        if (status === 200)
          for (const entry of readZip(body))
            if (entry.kind === 'file')
              texts.push({
                where: `${entry.path} of ${name}`,
                text: (await readZipEntry(body, entry)).toString('utf8'),
              });
      }
    }
    const tags = await ctx.attempt(() => lambda.send(new ListTagsCommand({ Resource: FunctionArn! })));
    for (const [tag, text] of Object.entries((tags.ok && tags.value.Tags) || {}))
      texts.push({ where: `tag ${tag} of ${FunctionName}`, text });
    const aliases = await ctx.attempt(() => lambda.send(new ListAliasesCommand({ FunctionName: FunctionName! })));
    for (const alias of (aliases.ok && aliases.value.Aliases) || [])
      texts.push({ where: `description of alias ${alias.Name}`, text: alias.Description ?? '' });
  }
  return texts;
}

/** The words of a text that could be a password of RDS (8 to 128 printable characters but / " @ and space), also decoded. */
export function decodings(text: string): string[] {
  const words = new Set<string>();
  const add = (word: string): void => {
    if (/^[\x21\x23-\x2e\x30-\x3f\x41-\x7e]{8,128}$/.test(word)) words.add(word);
  };
  const literals = text.length <= 256 ? [text] : [];
  for (const [, , literal] of text.slice(0, 500_000).matchAll(/(["'`])((?:(?!\1)[^\\\n]|\\.){8,400})\1/g))
    literals.push(literal!);
  for (const literal of literals.slice(0, 400)) {
    for (const part of [literal, ...literal.split(/[\s:/@=&;,"'?]+/), safeDecode(literal)]) {
      add(part);
      add([...part].reverse().join(''));
      if (/^[A-Za-z0-9+/_-]{8,}={0,2}$/.test(part)) {
        const plain = Buffer.from(part, 'base64').toString('latin1');
        for (const inner of [plain, ...plain.split(/[\s:/@=&;,"'?]+/)]) add(inner);
      }
      if (/^(?:[0-9a-fA-F]{2}){8,}$/.test(part)) add(Buffer.from(part, 'hex').toString('latin1'));
    }
  }
  return [...words];
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
