import {
  type Actor,
  actionOf,
  byResource,
  type CheckContext,
  type FunctionDoor,
  fail,
  functionDoors,
  holds,
  type Insider,
  insiders,
  type Outcome,
  type Probe,
  pass,
  probeActor,
  signedHttp,
  takeovers,
} from '../../../server/kit.ts';
import { parameter, plant, requests, table } from '../report.ts';

/** Inside the account, sessions of the role analyst get the report, nobody else; and they change nothing. */
export async function nobodyElseInsideMayCall(ctx: CheckContext): Promise<Outcome> {
  const doors = await functionDoors(ctx);
  const people = await insiders(ctx, ['analyst']);
  for (const { who, actor } of people)
    for (const door of doors) {
      // Whoever signs: at a URL without authorisation they are nobody in particular.
      const asking = door.authType === 'NONE' ? ctx.anonymous() : actor;
      const decision = asking.probe('lambda', door.operation, door.input);
      if (decision.decision === 'allowed')
        return fail(`${who} may call ${actionOf(door)} on ${door.name}${byResource(decision)}`);
    }
  for (const { who, actor } of people)
    for (const functionArn of new Set(doors.map((door) => door.functionArn))) {
      const changes = probeActor(actor, who, 'lambda', takeovers(functionArn));
      if (!changes.passed) return changes;
    }
  const taking: Probe = ['AssumeRole', { RoleArn: ctx.outputs['analyst role']!, RoleSessionName: 'other' }];
  const stranger = { who: 'any AWS account', name: '', actor: ctx.user('intruder', 'attacker') };
  for (const { who, name, actor } of [...people, stranger]) {
    if (name === 'mara') continue;
    const outcome = probeActor(actor, who, 'sts', [taking]);
    if (!outcome.passed) return outcome;
  }
  const analyst = await ctx.attempt(async () => ctx.role('analyst'));
  const changes = analyst.ok ? changesNothing(analyst.value, doors) : undefined;
  return changes?.passed === false ? changes : noApiServes(ctx, people);
}

/** A reader who may change a function or its policy, or where the tool looks, can let in others. */
function changesNothing(analyst: Actor, doors: FunctionDoor[]): Outcome {
  const own = { RoleName: 'analyst', PolicyName: 'x', PolicyDocument: '{}' };
  const probes: [string, Probe[]][] = [
    [
      'lambda',
      [...new Set(doors.map(({ functionName }) => functionName))].flatMap((FunctionName): Probe[] => [
        ['UpdateFunctionCode', { FunctionName, ZipFile: new Uint8Array() }],
        ['UpdateFunctionConfiguration', { FunctionName }],
        ['AddPermission', { FunctionName, StatementId: 'x', Action: 'lambda:InvokeFunction', Principal: '*' }],
        ...['NONE', 'AWS_IAM'].flatMap((AuthType): Probe[] => [
          ['AddPermission', { FunctionName, StatementId: 'x', Principal: '*', FunctionUrlAuthType: AuthType }],
          ['CreateFunctionUrlConfig', { FunctionName, AuthType }],
          ['UpdateFunctionUrlConfig', { FunctionName, AuthType }],
        ]),
        ['DeleteFunction', { FunctionName }],
      ]),
    ],
    ['ssm', [['PutParameter', { Name: parameter, Value: 'x', Type: 'String' }]]],
    ['dynamodb', [['DeleteItem', { TableName: table, Key: { id: { S: 'x' } } }]]],
    ['iam', [['PutRolePolicy', own]]],
  ];
  for (const [service, forbidden] of probes) {
    const outcome = probeActor(analyst, 'the role analyst', service, forbidden);
    if (!outcome.passed) return outcome;
  }
  return pass('the role analyst changes nothing');
}

/** What stands behind an API is asked over the wire: the way there may be of any length. */
async function noApiServes(ctx: CheckContext, people: Insider[]): Promise<Outcome> {
  const { customer } = await plant(ctx);
  const doors = (await requests(ctx)).filter(({ kind }) => kind !== 'function-url');
  for (const { name, method, url } of doors)
    for (const { who, actor } of people) {
      const answer = await signedHttp(ctx, actor, url, { method });
      if (holds(answer.text, customer)) return fail(`${name} gave the report to ${who}`);
    }
  return pass(`no other user or role that somebody may take on gets the report`);
}
