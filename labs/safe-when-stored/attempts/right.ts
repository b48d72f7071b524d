import {
  CreateAliasCommand,
  CreateFunctionCommand,
  DeleteFunctionCommand,
  GetFunctionCommand,
  PublishVersionCommand,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda';
import { allow, putRolePolicy, type Submission } from '../../../server/kit.ts';
import { bound, lambda, mapping, name, nameIn, rewrite, sql, tableArn, values } from './account.ts';

/** Fixes that meet the task. */
export const right: Submission[] = [
  {
    name: 'reference',
    why: 'the statement is fixed, and all three values are parameters',
    fails: [],
    apply: (ctx) => rewrite(ctx, 'board', ...bound),
  },
  {
    name: 'one-json-parameter',
    why: 'the whole row goes into one parameter, which the database takes apart',
    fails: [],
    apply: (ctx) =>
      rewrite(
        ctx,
        'board',
        [
          values,
          "VALUES (json_extract(:row, '$.racer'), json_extract(:row, '$.name'), json_extract(:row, '$.points')) ",
        ],
        [
          sql,
          `          sql,
          parameters: [
            { name: 'row', value: { stringValue: JSON.stringify({ racer: racer.racer.S, name, points: Number(points) }) } },
          ],
`,
        ],
      ),
  },
  {
    name: 'batch-statement',
    why: 'BatchExecuteStatement with a set of parameters',
    fails: [],
    apply: (ctx) =>
      rewrite(
        ctx,
        'board',
        ['import { ExecuteStatementCommand,', 'import { BatchExecuteStatementCommand,'],
        ['new ExecuteStatementCommand', 'new BatchExecuteStatementCommand'],
        bound[0]!,
        [
          sql,
          `          sql,
          parameterSets: [
            [
              { name: 'racer', value: { stringValue: racer.racer.S } },
              { name: 'name', value: { stringValue: name } },
              { name: 'points', value: { longValue: Number(points) } },
            ],
          ],
`,
        ],
      ),
  },
  {
    name: 'every-quote-doubled',
    why: 'names stand in quotes only, and every quote in them is doubled where the statement is made: not pretty, and right',
    fails: [],
    apply: (ctx) => rewrite(ctx, 'board', [name, `${nameIn}.replaceAll("'", "''");`]),
  },
  {
    name: 'parameters-and-checks',
    why: 'over-careful: parameters, and both functions refuse control characters',
    fails: [],
    async apply(ctx) {
      await rewrite(ctx, 'board', ...bound, [name, `${name}\n    if (/[\\u0000-\\u001f]/.test(name)) continue;`]);
      await rewrite(ctx, 'profile', ['name.length > 400)', 'name.length > 400 || /[\\u0000-\\u001f]/.test(name))']);
    },
  },
  {
    name: 'hexadecimal-literal',
    why: 'the name goes into the statement as hexadecimal digits, which can be nothing else',
    fails: [],
    apply: (ctx) =>
      rewrite(ctx, 'board', [
        values,
        "VALUES ('${racer.racer.S}', CAST(x'${Buffer.from(name).toString('hex')}' AS TEXT), ${points}) ",
      ]),
  },
  {
    name: 'another-function',
    why: 'a new function takes the stream over, updates or inserts with parameters, and asks the table for what the row is now; the old one is gone',
    fails: [],
    async apply(ctx) {
      const { Configuration } = await lambda(ctx).send(new GetFunctionCommand({ FunctionName: 'board' }));
      await putRolePolicy(ctx.admin, 'board-role', 'racers', allow('dynamodb:GetItem', tableArn(ctx)));
      const FunctionName = 'standings';
      await lambda(ctx).send(
        new CreateFunctionCommand({
          FunctionName,
          Runtime: 'nodejs22.x',
          Handler: 'index.handler',
          Role: Configuration!.Role!,
          Environment: { Variables: { ...Configuration!.Environment!.Variables, RACERS: ctx.outputs.table! } },
          Code: { ZipFile: ctx.zip({ 'index.mjs': standings }) },
        }),
      );
      await lambda(ctx).send(
        new UpdateEventSourceMappingCommand({ UUID: (await mapping(ctx)).UUID!, FunctionName, BatchSize: 5 }),
      );
      await lambda(ctx).send(new DeleteFunctionCommand({ FunctionName: 'board' }));
    },
  },
  {
    name: 'harmful-left-off',
    why: 'names in which a quote is followed by more of a statement are left off the board, all others are bound; served by an alias',
    fails: [],
    async apply(ctx) {
      await rewrite(ctx, 'board', ...bound, [
        name,
        `${name}\n    if (/['"][\\s/*]*(\\|\\||,.*(--|\\())/.test(name)) continue;`,
      ]);
      const { Version } = await lambda(ctx).send(new PublishVersionCommand({ FunctionName: 'board' }));
      await lambda(ctx).send(
        new CreateAliasCommand({ FunctionName: 'board', Name: 'live', FunctionVersion: Version! }),
      );
      await lambda(ctx).send(
        new UpdateEventSourceMappingCommand({ UUID: (await mapping(ctx)).UUID!, FunctionName: 'board:live' }),
      );
    },
  },
];

const standings = `import { DynamoDB } from '@aws-sdk/client-dynamodb';
import { RDSData } from '@aws-sdk/client-rds-data';
const [table, db] = [new DynamoDB(), new RDSData()];
const run = (sql, row) => db.executeStatement({
  resourceArn: process.env.CLUSTER_ARN, secretArn: process.env.SECRET_ARN, database: 'race', sql,
  parameters: [
    { name: 'racer', value: { stringValue: row.racer.S } },
    { name: 'name', value: { stringValue: row.name?.S ?? '' } },
    { name: 'points', value: { longValue: Number(row.points?.N ?? 0) } },
  ],
});
export async function handler({ Records }) {
  const racers = new Set(Records.map((record) => record.dynamodb.Keys.racer.S));
  for (const racer of racers) {
    const { Item } = await table.getItem({ TableName: process.env.RACERS, Key: { racer: { S: racer } } });
    if (!Item) continue;
    const { numberOfRecordsUpdated } = await run('UPDATE board SET name = :name, points = :points WHERE racer = :racer', Item);
    if (numberOfRecordsUpdated === 0) await run('INSERT INTO board VALUES (:racer, :name, :points)', Item);
  }
}
`;
