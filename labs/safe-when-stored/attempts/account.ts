import {
  type EventSourceMappingConfiguration,
  LambdaClient,
  ListEventSourceMappingsCommand,
  UpdateFunctionCodeCommand,
} from '@aws-sdk/client-lambda';
import type { SubmissionContext } from '../../../server/kit.ts';

/** The account as a learner changes it: what more than one submission does. */

export const lambda = (ctx: SubmissionContext) => ctx.admin.client(LambdaClient);

/** What reads the table's stream for the board. */
export async function mapping(ctx: SubmissionContext): Promise<EventSourceMappingConfiguration> {
  const { EventSourceMappings } = await lambda(ctx).send(new ListEventSourceMappingsCommand({ FunctionName: 'board' }));
  return EventSourceMappings![0]!;
}

export const tableArn = (ctx: SubmissionContext): string =>
  `arn:aws:dynamodb:${ctx.region}:${ctx.account}:table/${ctx.outputs.table}`;

/** Pieces of the board's code. */
export const values = "VALUES ('${racer.racer.S}', '${name}', ${points}) ";
export const name = "const name = racer.name?.S ?? '';";
/** The name, for a call on it. */
export const nameIn = "const name = (racer.name?.S ?? '')";
export const conflict = "'ON CONFLICT (racer) DO UPDATE SET name = excluded.name, points = excluded.points'";
export const sql = '          sql,\n';

/** A function's code with pieces written otherwise. */
export async function rewrite(
  ctx: SubmissionContext,
  FunctionName: 'board' | 'profile',
  ...changes: [from: string, to: string][]
): Promise<void> {
  let code = ctx.file(`function/${FunctionName}/index.mjs`);
  for (const [from, to] of changes) {
    if (!code.includes(from)) throw new Error(`${FunctionName} has no ${from}`);
    code = code.replace(from, () => to);
  }
  await lambda(ctx).send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile: ctx.zip({ 'index.mjs': code }) }));
}

/** The statement is fixed, all values are parameters. */
export const bound: [string, string][] = [
  [values, 'VALUES (:racer, :name, :points) '],
  [
    sql,
    `          sql,
          parameters: [
            { name: 'racer', value: { stringValue: racer.racer.S } },
            { name: 'name', value: { stringValue: name } },
            { name: 'points', value: { longValue: Number(points) } },
          ],
`,
  ],
];
