import {
  CreateAliasCommand,
  CreateEventSourceMappingCommand,
  CreateFunctionCommand,
  DeleteEventSourceMappingCommand,
  GetFunctionCommand,
  PublishVersionCommand,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda';
import { putTableRows, type Submission, type SubmissionContext, tableRows } from '../../../server/kit.ts';
import { bound, conflict, lambda, mapping, name, nameIn, rewrite, sql, values } from './account.ts';

const plain = 'names-reach-the-board';
const quotes = 'names-with-signs-reach-the-board';
const fresh = 'a-new-name-is-a-name';
const stored = 'a-stored-name-is-a-name';

const doubledAtTheDoor = (ctx: SubmissionContext): Promise<void> =>
  rewrite(ctx, 'profile', ["':name': { S: name }", "':name': { S: name.replaceAll(\"'\", \"''\") }"]);

/** What people do under time pressure, and why it does not meet the task. */
export const nearMisses: Submission[] = [
  {
    name: 'doubled-at-the-door',
    why: 'profile doubles quotes before it stores: what was stored before still runs',
    fails: [stored],
    apply: doubledAtTheDoor,
  },
  {
    name: 'door-and-clean-up',
    why: 'besides, the table was cleaned once; the next row that comes by another way runs again',
    fails: [stored],
    async apply(ctx) {
      await doubledAtTheDoor(ctx);
      const owner = { cloud: ctx.cloud, account: () => ({ id: ctx.account }) };
      const clean = tableRows(owner, ctx.outputs.table!).filter((row) => !String(row.name).includes("'"));
      putTableRows(owner, ctx.outputs.table!, clean, { alone: true });
    },
  },
  {
    name: 'validation-at-the-door',
    why: 'profile refuses brackets and bars; stored names run, and names with quotes still break the statement',
    fails: [quotes, stored],
    apply: (ctx) => rewrite(ctx, 'profile', ['name.length > 400)', 'name.length > 400 || /[()|]/.test(name))']),
  },
  {
    name: 'blacklist-in-the-board',
    why: 'words of SQL are skipped: names may have them, and attacks do without',
    fails: [plain, quotes, fresh, stored],
    apply: (ctx) =>
      rewrite(ctx, 'board', [name, `${name}\n    if (/select|union|drop|insert|delete/i.test(name)) continue;`]),
  },
  {
    name: 'quotes-stripped',
    why: "over-fix: O'Brien becomes OBrien",
    fails: [quotes],
    apply: (ctx) => rewrite(ctx, 'board', [name, `${nameIn}.replaceAll("'", '');`]),
  },
  {
    name: 'first-quote-doubled',
    why: 'replace with a text changes the first quote only',
    fails: [quotes, fresh, stored],
    apply: (ctx) => rewrite(ctx, 'board', [name, `${nameIn}.replace("'", "''");`]),
  },
  {
    name: 'backslashes',
    why: 'a backslash before a quote means nothing in standard SQL',
    fails: [quotes, fresh, stored],
    apply: (ctx) => rewrite(ctx, 'board', [name, `${nameIn}.replaceAll("'", "\\\\'");`]),
  },
  {
    name: 'quotes-skipped',
    why: 'over-fix: racers whose name has a quote are left off the board',
    fails: [quotes],
    apply: (ctx) => rewrite(ctx, 'board', [name, `${name}\n    if (name.includes("'")) continue;`]),
  },
  {
    name: 'old-version-serves',
    why: 'the code is fixed, and the stream is still read by a published version from before',
    fails: [quotes, fresh, stored],
    async apply(ctx) {
      await lambda(ctx).send(new PublishVersionCommand({ FunctionName: 'board' }));
      await lambda(ctx).send(new CreateAliasCommand({ FunctionName: 'board', Name: 'live', FunctionVersion: '1' }));
      await lambda(ctx).send(
        new UpdateEventSourceMappingCommand({ UUID: (await mapping(ctx)).UUID!, FunctionName: 'board:live' }),
      );
      await rewrite(ctx, 'board', ...bound);
    },
  },
  {
    name: 'stream-cut',
    why: 'over-fix: without the event source mapping nothing reaches the board',
    fails: [plain, quotes],
    apply: async (ctx) =>
      void (await lambda(ctx).send(new DeleteEventSourceMappingCommand({ UUID: (await mapping(ctx)).UUID! }))),
  },
  {
    name: 'bound-where-it-is-new',
    why: 'the first write is bound; for a racer who is on the board already the name is still text of the statement',
    fails: [quotes, fresh, stored],
    apply: (ctx) =>
      rewrite(ctx, 'board', ...bound, [
        conflict,
        "`ON CONFLICT (racer) DO UPDATE SET name = '${name}', points = excluded.points`",
      ]),
  },
  {
    name: 'put-in-by-replace',
    why: 'quotes are doubled, but replace() gives $& in a name a meaning of its own: the name is another one then',
    fails: [quotes],
    apply: (ctx) =>
      rewrite(
        ctx,
        'board',
        [values, "VALUES (':racer', ':name', ${points}) "],
        [
          sql,
          "          sql: sql.replace(':racer', racer.racer.S).replace(':name', name.replaceAll(\"'\", \"''\")),\n",
        ],
      ),
  },
  {
    name: 'lone-quotes-doubled',
    why: 'quotes that look doubled already are left as they are: three of them end the text',
    fails: [fresh, stored],
    apply: (ctx) => rewrite(ctx, 'board', [name, `${nameIn}.replace(/(?<!')'(?!')/g, "''");`]),
  },
  {
    name: 'double-quoted',
    why: 'the name as a JSON text in double quotes, which SQLite takes for a text: a backslash does not escape them',
    fails: [quotes, fresh, stored],
    apply: (ctx) => rewrite(ctx, 'board', [values, "VALUES ('${racer.racer.S}', ${JSON.stringify(name)}, ${points}) "]),
  },
  {
    name: 'harmful-thrown',
    why: 'bound, and a name that looks harmful throws: after two tries the whole batch is lost, with the points of others',
    fails: [plain, quotes],
    apply: (ctx) =>
      rewrite(ctx, 'board', ...bound, [
        name,
        `${name}\n    if (/['"][\\s/*]*(\\|\\||,)/.test(name)) throw new Error('SQL in a name');`,
      ]),
  },
  {
    name: 'second-reader',
    why: 'a new, right function reads the stream, and so does the old one still',
    fails: [fresh, stored],
    async apply(ctx) {
      const { Configuration } = await lambda(ctx).send(new GetFunctionCommand({ FunctionName: 'board' }));
      const code = bound.reduce(
        (text, [from, to]) => text.replace(from, () => to),
        ctx.file('function/board/index.mjs'),
      );
      await lambda(ctx).send(
        new CreateFunctionCommand({
          FunctionName: 'board-2',
          Runtime: Configuration!.Runtime!,
          Handler: 'index.handler',
          Role: Configuration!.Role!,
          Environment: { Variables: Configuration!.Environment!.Variables! },
          Code: { ZipFile: ctx.zip({ 'index.mjs': code }) },
        }),
      );
      await lambda(ctx).send(
        new CreateEventSourceMappingCommand({
          FunctionName: 'board-2',
          EventSourceArn: (await mapping(ctx)).EventSourceArn!,
          StartingPosition: 'LATEST',
        }),
      );
    },
  },
];
