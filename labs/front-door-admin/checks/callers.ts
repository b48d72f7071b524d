import { IAMClient, ListRolesCommand } from '@aws-sdk/client-iam';
import {
  actionOf,
  byResource,
  type CheckContext,
  digits,
  fail,
  functionDoors,
  hex,
  insiders,
  type Outcome,
  outsiderAt,
  outsiderAtRoute,
  pass,
  probeActor,
  probeService,
  rolesRefuseOutsiders,
  signedHttp,
  takeovers,
} from '../../../server/kit.ts';
import { onSale, plant, requests, table } from '../shop.ts';

/** No API, service or person of another account calls a function, by any version, alias or URL. */
export async function noOutsiderMayCall(ctx: CheckContext): Promise<Outcome> {
  const { Roles } = await ctx.admin().client(IAMClient).send(new ListRolesCommand({}));
  const roles = (Roles ?? []).map(({ RoleName, Arn }) => ({ name: RoleName!, arn: '', roleArn: Arn! }));
  const taken = rolesRefuseOutsiders(ctx, roles);
  if (!taken.passed) return taken;
  const doors = await functionDoors(ctx);
  for (const door of doors) {
    const outcome = outsiderAt(ctx, door);
    if (outcome) return outcome;
  }
  for (const door of await requests(ctx, 'x')) {
    const outcome = outsiderAtRoute(ctx, door);
    if (outcome) return outcome;
  }
  return pass(`outsiders are refused at all ${doors.length} ways to call a function`);
}

/** Other APIs of this account, that is whoever may make one, and other services of this account. */
export async function noOtherApiMayCall(ctx: CheckContext): Promise<Outcome> {
  const account = ctx.account().id;
  const doors = (await functionDoors(ctx)).filter(({ operation }) => operation === 'Invoke');
  const id = hex(ctx.random, 10);
  const sources = [
    ['apigateway', `arn:aws:execute-api:${ctx.region}:${account}:${id}/prod/DELETE/admin/bouquets/*`],
    ['apigateway', `arn:aws:execute-api:${ctx.region}:${account}:${id}/prod/GET/bouquets`],
    ['apigateway', `arn:aws:execute-api:${ctx.region}:${account}:${id}/authorizers/${hex(ctx.random, 6)}`],
    ['sns', `arn:aws:sns:${ctx.region}:${account}:t-${hex(ctx.random, 4)}`],
    ['s3', `arn:aws:s3:::b-${digits(ctx.random, 8)}`],
    ['events', `arn:aws:events:${ctx.region}:${account}:rule/r-${hex(ctx.random, 4)}`],
  ].map(([service, arn]) => ({ service: `${service}.amazonaws.com`, arn: arn!, account }));
  for (const door of doors)
    for (const source of sources) {
      const decision = probeService(ctx, source, 'lambda', 'Invoke', door.input);
      if (decision.decision === 'allowed')
        return fail(
          `${door.name} lets ${source.service} for ${source.arn}, which is not the shop's, call ${actionOf(door)}${byResource(decision)}`,
        );
    }
  return pass(`no other API or service of this account may call any of ${doors.length} functions and versions`);
}

/** Everybody of the account but the owner: by the functions, and by what answers over HTTP. */
export async function onlyTheOwnerTakesOffSale(ctx: CheckContext): Promise<Outcome> {
  const people = (await insiders(ctx)).filter(({ name, kind }) => !(name === 'noor' && kind === 'user'));
  for (const { who, actor } of people)
    for (const door of await functionDoors(ctx)) {
      // Whoever signs: at a URL without authorisation they are nobody in particular.
      const asking = door.authType === 'NONE' ? ctx.anonymous() : actor;
      const decision = asking.probe('lambda', door.operation, door.input);
      if (decision.decision === 'allowed')
        return fail(`${who} may call ${actionOf(door)} on ${door.name}${byResource(decision)}`);
    }
  for (const { who, actor } of people) {
    for (const functionArn of new Set((await functionDoors(ctx)).map((door) => door.functionArn))) {
      const changes = probeActor(actor, who, 'lambda', takeovers(functionArn));
      if (!changes.passed) return changes;
    }
    const rows = probeActor(actor, who, 'dynamodb', [['DeleteItem', { TableName: table, Key: { id: { S: 'x' } } }]]);
    if (!rows.passed) return rows;
  }
  const bouquet = await plant(ctx);
  const doors = await requests(ctx, bouquet.id);
  for (const { name, method, url } of doors)
    for (const { who, actor } of people) {
      await signedHttp(ctx, actor, url, { method });
      if (!onSale(ctx, bouquet)) return fail(`${name} took a bouquet off sale for ${who}`);
    }
  return pass(`${people.length} other users and roles take nothing off sale by ${doors.length} requests`);
}
