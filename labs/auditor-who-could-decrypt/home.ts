import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import {
  CreateFunctionCommand,
  DeleteFunctionCommand,
  DeleteLayerVersionCommand,
  type FunctionConfiguration,
  GetFunctionCommand,
  InvokeCommand,
  LambdaClient,
  ListFunctionsCommand,
  ListVersionsByFunctionCommand,
  PublishLayerVersionCommand,
} from '@aws-sdk/client-lambda';
import { type Actor, type CheckContext, hex, recall, trust, zipFiles } from '../../server/kit.ts';
import { harbourHost } from './harbour.ts';

/** At most so many different functions are tried. */
const most = 4;

/**
 * A reader downloads the code of each function and version, and runs it on a machine of their own: with the variables
 * that they see, and their own credentials. Does the harbour see its token? Returns the name of what gave it away.
 */
export async function tokenAtHome(ctx: CheckContext, who: string, reader: Actor): Promise<string | undefined> {
  const tried = new Set<string>();
  for (const { name, configuration, zip } of await downloads(ctx, reader)) {
    // The code of the start has the token from its variable, or not at all.
    if (configuration.CodeSha256 === ctx.secrets['code of the start']) continue;
    const variables = configuration.Environment?.Variables ?? {};
    const key = JSON.stringify([configuration.CodeSha256, variables, configuration.Layers]);
    if (tried.has(key) || tried.size === most) continue;
    tried.add(key);
    const known = recall(ctx, harbourHost).length;
    const said = await run(ctx, reader, configuration, zip, variables);
    const seen = recall(ctx, harbourHost).slice(known);
    const given = seen.some(({ token }) => token === ctx.secrets.token);
    ctx.evidence.push({
      title: `run the code of ${name} at home, with its variables as ${who} sees them`,
      as: who,
      outcome: given ? 'succeeded' : 'denied',
      detail: said.slice(0, 200),
    });
    if (given) return name;
  }
  return undefined;
}

/** What a reader gets of each function and version. */
async function downloads(ctx: CheckContext, reader: Actor) {
  const admin = ctx.admin().client(LambdaClient);
  const found: { name: string; configuration: FunctionConfiguration; zip: Uint8Array }[] = [];
  for (const { FunctionName } of (await admin.send(new ListFunctionsCommand({}))).Functions ?? [])
    for (const { Version } of (await admin.send(new ListVersionsByFunctionCommand({ FunctionName: FunctionName! })))
      .Versions ?? []) {
      const input = { FunctionName: FunctionName!, Qualifier: Version! };
      const got = await ctx.attempt(() => reader.client(LambdaClient).send(new GetFunctionCommand(input)));
      const { Configuration, Code } = got.ok ? got.value : {};
      if (!Configuration || !Code?.Location || !Configuration.Runtime?.startsWith('nodejs')) continue;
      const { status, body } = await ctx.http(Code.Location, { as: reader.name });
      const name = Version === '$LATEST' ? FunctionName! : `${FunctionName}:${Version}`;
      if (status === 200) found.push({ name, configuration: Configuration, zip: body });
    }
  return found;
}

/** The machine at home is a function without any right, which says that it is the reader. */
async function run(
  ctx: CheckContext,
  reader: Actor,
  { FunctionName, Handler, Runtime, Layers = [] }: FunctionConfiguration,
  ZipFile: Uint8Array,
  variables: Record<string, string>,
): Promise<string> {
  const name = `home-${hex(ctx.random, 4)}`;
  const { accessKeyId, secretAccessKey, sessionToken } = reader.credentials!;
  const mine = {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
    AWS_LAMBDA_FUNCTION_NAME: FunctionName,
  };
  const { Role } = await ctx
    .admin()
    .client(IAMClient)
    .send(
      new CreateRoleCommand({
        RoleName: name,
        AssumeRolePolicyDocument: trust({ Service: 'lambda.amazonaws.com' }),
      }),
    );
  const lambda = ctx.admin().client(LambdaClient);
  const files = { 'home.mjs': beginning(mine, Handler!) };
  const layer = await lambda.send(
    new PublishLayerVersionCommand({ LayerName: name, Content: { ZipFile: zipFiles(files) } }),
  );
  const answer = await ctx.attempt(async () => {
    await lambda.send(
      new CreateFunctionCommand({
        FunctionName: name,
        Role: Role!.Arn!,
        Runtime: Runtime!,
        Handler: '/opt/home.handler',
        Code: { ZipFile },
        Layers: [...Layers.map(({ Arn }) => Arn!), layer.LayerVersionArn!].slice(-5),
        // The address is no secret: who reads the code knows it.
        Environment: { Variables: { HARBOUR_URL: `https://${harbourHost}`, ...variables } },
        Timeout: 10,
      }),
    );
    return lambda.send(new InvokeCommand({ FunctionName: name, Payload: Buffer.from(JSON.stringify({ ship: name })) }));
  });
  await ctx.attempt(() => lambda.send(new DeleteFunctionCommand({ FunctionName: name })));
  await lambda.send(new DeleteLayerVersionCommand({ LayerName: name, VersionNumber: layer.Version! }));
  return answer.ok ? Buffer.from(answer.value.Payload ?? []).toString() : answer.message;
}

/** A module that says who runs the code, and then loads its handler. */
function beginning(environment: object, handler: string): string {
  const dot = handler.lastIndexOf('.');
  return `import { existsSync } from 'node:fs';
Object.assign(process.env, ${JSON.stringify(environment)});
const module = ${JSON.stringify(`/var/task/${handler.slice(0, dot)}`)};
const file = ['.mjs', '.js', '.cjs'].map((end) => module + end).find((path) => existsSync(path));
const loaded = await import(file);
export const handler = loaded[${JSON.stringify(handler.slice(dot + 1))}] ?? loaded.default[${JSON.stringify(handler.slice(dot + 1))}];
`;
}
