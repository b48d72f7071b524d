import {
  GetFunctionCommand,
  GetLayerVersionCommand,
  GetPolicyCommand,
  LambdaClient,
  ListAliasesCommand,
  ListEventSourceMappingsCommand,
  ListFunctionsCommand,
  ListFunctionUrlConfigsCommand,
  ListLayersCommand,
  ListLayerVersionsCommand,
  ListTagsCommand,
  ListVersionsByFunctionCommand,
} from '@aws-sdk/client-lambda';
import { readZip, readZipEntry } from '../cloud/runtime/index.ts';
import type { Actor } from './actor.ts';
import type { CheckContext } from './check-context.ts';
import { readableOfAccount } from './readable-account.ts';
import { answerOf, type ReadableText } from './readable-text.ts';

/** Pages that are asked for at most; fifty functions or versions are on each. */
const mostPages = 20;

/**
 * Everything that a reader of the account can learn: variables, descriptions, tags, code and layers of every version of
 * every function, what describes other resources, and the values of secrets, parameters and objects that they may read.
 * What there is, the administrator says, as a name is easily guessed; what it says, the reader's own calls.
 */
export async function readableTexts(ctx: CheckContext, reader: Actor): Promise<ReadableText[]> {
  return [
    ...(await readableOfFunctions(ctx, reader)),
    ...(await readableOfLayers(ctx, reader)),
    ...(await readableOfAccount(ctx, reader)),
  ];
}

async function readableOfFunctions(ctx: CheckContext, reader: Actor): Promise<ReadableText[]> {
  const lambda = reader.client(LambdaClient);
  const admin = ctx.admin().client(LambdaClient);
  const texts: ReadableText[] = [];
  const listed = await ctx.attempt(() => lambda.send(new ListFunctionsCommand({})));
  if (listed.ok) texts.push(...variablesOf(listed.value.Functions));
  for (const { FunctionName, FunctionArn } of await allFunctions(admin)) {
    const versions = await ctx.attempt(() =>
      lambda.send(new ListVersionsByFunctionCommand({ FunctionName: FunctionName! })),
    );
    if (versions.ok) texts.push(...variablesOf(versions.value.Versions));
    for (const Version of await allVersions(admin, FunctionName!)) {
      const name = Version === '$LATEST' ? FunctionName! : `${FunctionName}:${Version}`;
      const found = await ctx.attempt(() =>
        lambda.send(new GetFunctionCommand({ FunctionName: FunctionName!, Qualifier: Version })),
      );
      if (!found.ok) continue;
      const { Configuration, Code, Tags } = found.value;
      if (Configuration) texts.push(...variablesOf([Configuration]));
      texts.push(...tagsOf(Tags, name));
      if (Code?.Location) texts.push(...(await filesOf(ctx, reader, Code.Location, name)));
    }
    const one = FunctionName!;
    const answers: [string, () => Promise<unknown>][] = [
      ['aliases', () => lambda.send(new ListAliasesCommand({ FunctionName: one }))],
      ['tags', () => lambda.send(new ListTagsCommand({ Resource: FunctionArn! }))],
      ['policy', () => lambda.send(new GetPolicyCommand({ FunctionName: one }))],
      ['URL', () => lambda.send(new ListFunctionUrlConfigsCommand({ FunctionName: one }))],
    ];
    for (const [what, ask] of answers) texts.push(...(await answerOf(ctx, `${what} of ${one}`, ask)));
  }
  texts.push(
    ...(await answerOf(ctx, 'event source mappings', () => lambda.send(new ListEventSourceMappingsCommand({})))),
  );
  return texts;
}

type Configuration = NonNullable<Awaited<ReturnType<typeof allFunctions>>>[number];

function variablesOf(configurations: Configuration[] | undefined): ReadableText[] {
  return (configurations ?? []).flatMap((configuration) => {
    const { FunctionName, Version, Environment, Description, Handler } = configuration;
    const name = Version === undefined || Version === '$LATEST' ? FunctionName! : `${FunctionName}:${Version}`;
    return [
      ...Object.entries(Environment?.Variables ?? {}).map(([variable, text]) => ({
        where: `variable ${variable} of ${name}`,
        text,
      })),
      { where: `description of ${name}`, text: Description ?? '' },
      { where: `handler of ${name}`, text: Handler ?? '' },
    ];
  });
}

const tagsOf = (tags: Record<string, string> | undefined, name: string): ReadableText[] =>
  Object.entries(tags ?? {}).map(([tag, text]) => ({ where: `tag ${tag} of ${name}`, text: `${tag} ${text}` }));

async function readableOfLayers(ctx: CheckContext, reader: Actor): Promise<ReadableText[]> {
  const lambda = reader.client(LambdaClient);
  const admin = ctx.admin().client(LambdaClient);
  const texts: ReadableText[] = [];
  for (const { LayerName } of (await admin.send(new ListLayersCommand({}))).Layers ?? [])
    for (const { Version } of (await admin.send(new ListLayerVersionsCommand({ LayerName: LayerName! })))
      .LayerVersions ?? []) {
      const layer = await ctx.attempt(() =>
        lambda.send(new GetLayerVersionCommand({ LayerName: LayerName!, VersionNumber: Version! })),
      );
      if (!layer.ok) continue;
      const name = `layer ${LayerName}:${Version}`;
      texts.push({ where: `description of ${name}`, text: layer.value.Description ?? '' });
      if (layer.value.Content?.Location)
        texts.push(...(await filesOf(ctx, reader, layer.value.Content.Location, name)));
    }
  return texts;
}

async function filesOf(ctx: CheckContext, reader: Actor, location: string, name: string): Promise<ReadableText[]> {
  const { status, body } = await ctx.http(location, { as: reader.name });
  if (status !== 200) return [];
  const texts: ReadableText[] = [];
  for (const entry of readZip(body))
    if (entry.kind === 'file')
      texts.push({ where: `${entry.path} of ${name}`, text: (await readZipEntry(body, entry)).toString('utf8') });
  return texts;
}

async function allFunctions(admin: LambdaClient) {
  const found = [];
  let marker: string | undefined;
  for (let page = 0; page < mostPages; page++) {
    const list = await admin.send(new ListFunctionsCommand({ ...(marker ? { Marker: marker } : {}) }));
    found.push(...(list.Functions ?? []));
    marker = list.NextMarker;
    if (!marker) break;
  }
  return found;
}

async function allVersions(admin: LambdaClient, FunctionName: string): Promise<string[]> {
  const found: string[] = [];
  let marker: string | undefined;
  for (let page = 0; page < mostPages; page++) {
    const list = await admin.send(
      new ListVersionsByFunctionCommand({ FunctionName, ...(marker ? { Marker: marker } : {}) }),
    );
    found.push(...(list.Versions ?? []).map(({ Version }) => Version!));
    marker = list.NextMarker;
    if (!marker) break;
  }
  return found;
}
