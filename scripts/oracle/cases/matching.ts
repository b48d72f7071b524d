import type { Statement } from '../../../server/cloud/policy/types.ts';
import { ask, doc, type OracleCase } from '../case.ts';
import type { Random } from '../random.ts';

const ACTIONS = [
  's3:GetObject',
  's3:GetBucketPolicy',
  's3:PutObject',
  'sqs:SendMessage',
  'lambda:InvokeFunction',
  'iam:PassRole',
];
const RESOURCES = [
  'arn:aws:s3:::photos/cat.jpg',
  'arn:aws:s3:::photos-internal/a/b/c',
  'arn:aws:sqs:us-east-1:111111111111:orders',
  'arn:aws:lambda:us-east-1:111111111111:function:resize',
  'arn:aws:lambda:us-east-1:111111111111:function:resize:live',
  'arn:aws:dynamodb:us-east-1:111111111111:table/orders/index/by-day',
  'arn:aws:logs:us-east-1:111111111111:log-group:/aws/lambda/x:log-stream:y',
];

/** Action, NotAction, Resource and NotResource with wildcards made from the asked texts by small changes. */
export function matchingCases(random: Random): OracleCase[] {
  const cases: OracleCase[] = [];
  for (let i = 0; i < 420; i++) {
    const action = random.pick(ACTIONS);
    const resource = random.pick(RESOURCES);
    const statements: Statement[] = [];
    for (let n = 1 + random.below(2); n > 0; n--) {
      const effect = random.chance(0.25) ? 'Deny' : 'Allow';
      const actions = patterns(random, action, ACTIONS, changeAction);
      const resources = patterns(random, resource, RESOURCES, changeResource);
      statements.push({
        Effect: effect,
        ...(random.chance(0.15) ? { NotAction: actions } : { Action: actions }),
        ...(random.chance(0.15) ? { NotResource: resources } : { Resource: resources }),
      });
    }
    cases.push({
      name: `matching ${i}: ${action} on ${resource}`,
      request: ask({
        action,
        resource,
        policies: { identity: [{ name: 'identity policy', document: doc(...statements) }] },
      }),
      unchecked: true,
    });
  }
  return cases;
}

function patterns(
  random: Random,
  asked: string,
  all: string[],
  change: (random: Random, text: string) => string,
): string | string[] {
  const list: string[] = [];
  for (let n = 1 + random.below(2); n > 0; n--)
    list.push(change(random, random.chance(0.7) ? asked : random.pick(all)));
  return list.length === 1 ? list[0]! : list;
}

function changeAction(random: Random, action: string): string {
  const [service, name] = action.split(':') as [string, string];
  const at = 1 + random.below(name.length - 1);
  switch (random.below(7)) {
    case 0:
      return '*';
    case 1:
      return `${service}:*`;
    case 2:
      return `${service}:${name.slice(0, at)}*`;
    case 3:
      return `${service}:*${name.slice(at)}`;
    case 4:
      return `${service}:${name.slice(0, at)}?${name.slice(at + 1)}`;
    case 5:
      return random.chance(0.5) ? action.toUpperCase() : action.toLowerCase();
    default:
      return action;
  }
}

/**
 * Changes one whole part, or what comes after the type of the resource: elsewhere the oracle lets no star stand for a
 * colon, and none for part of a type, while AWS says no more than "it can expand to match beyond the colon boundaries".
 */
function changeResource(random: Random, resource: string): string {
  const parts = resource.split(':');
  const head = parts.slice(0, 5);
  const tail = parts.slice(5).join(':');
  const type = /^(?:function:|table\/|log-group:)/.exec(tail)?.[0].length ?? 0;
  const at = type + 1 + random.below(tail.length - type - 1);
  const join = (text: string) => [...head, text].join(':');
  switch (random.below(10)) {
    case 0:
      return '*';
    case 1:
      return join('*');
    case 2:
      return join(`${tail.slice(0, at)}*`);
    case 3:
      return join(`${tail.slice(0, type)}*${tail.slice(at)}`);
    case 4:
      return join(`${tail.slice(0, at)}?${tail.slice(at + 1)}`);
    case 5:
      return join(`${tail.slice(0, at)}?${tail.slice(at)}`);
    case 6:
      return join(tail.toUpperCase());
    case 7: {
      const i = 3 + random.below(2);
      return [...head.map((part, n) => (n === i ? '*' : part)), tail].join(':');
    }
    case 8: {
      const end = at + random.below(tail.length - at);
      return join(`${tail.slice(0, at)}*${tail.slice(end)}`);
    }
    default:
      return resource;
  }
}
