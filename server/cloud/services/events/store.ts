import type { Target } from '@aws-sdk/client-eventbridge';
import type { Access, CallContext, ConditionContext } from '../../context.ts';
import type { NamedPolicy } from '../../policy/types.ts';
import type { StateReader } from '../../state/account-state.ts';
import { defineTable, type Scope } from '../../state/table.ts';
import { resourceTagContext, type Tags } from '../../tags.ts';
import { policyDocument } from '../iam/documents.ts';
import { constraint, notFound, ruleNotFound } from './errors.ts';

export interface BusRecord {
  name: string;
  created: number;
  modified: number;
  description?: string;
  /** The resource policy's text. */
  policy?: string;
  deadLetterArn?: string;
  tags: Tags;
}

export interface RuleRecord {
  name: string;
  bus: string;
  description?: string;
  /** As it was given. */
  pattern?: string;
  schedule?: string;
  state: 'ENABLED' | 'DISABLED' | 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS';
  roleArn?: string;
  /** The account that made the rule: not the bus's, where its policy lets others. */
  creator: string;
  targets: Target[];
  tags: Tags;
  /** When its schedule is due, on the cloud's clock. */
  next?: number;
}

/** Id: the name. The default bus is there without a record. */
export const buses = defineTable<BusRecord>('events.buses');
/** Id: `bus/name`. */
export const rules = defineTable<RuleRecord>('events.rules');

/** A bus, and whose it is. */
export interface BusPlace extends Scope {
  name: string;
  arn: string;
}

export interface RulePlace extends Scope {
  bus: BusPlace;
  name: string;
  arn: string;
}

export const busArn = (scope: Scope, name: string): string =>
  `arn:aws:events:${scope.region}:${scope.account}:event-bus/${name}`;

const ruleArn = (bus: BusPlace, name: string): string =>
  `arn:aws:events:${bus.region}:${bus.account}:rule/${bus.name === 'default' ? '' : `${bus.name}/`}${name}`;

/** What a name or an ARN of a bus says; the default bus where there is none. @throws ValidationException */
export function placeOfBus(scope: Scope, nameOrArn: string | undefined, member = 'eventBusName'): BusPlace {
  const given = nameOrArn || 'default';
  const arn = /^arn:aws[\w-]*:events:([a-z0-9-]+):(\d{12}):event-bus\/([\w./-]{1,256})$/.exec(given);
  if (arn) {
    const place = { region: arn[1]!, account: arn[2]! };
    return { ...place, name: arn[3]!, arn: busArn(place, arn[3]!) };
  }
  if (!/^[\w./-]{1,256}$/.test(given))
    throw constraint(
      member,
      given.slice(0, 256),
      'satisfy regular expression pattern: (arn:aws[\\w-]*:events:[a-z]{2}-[a-z]+-[\\w-]+:[0-9]{12}:event-bus\\/)?[/\\.\\-_A-Za-z0-9]+',
    );
  return { account: scope.account, region: scope.region, name: given, arn: busArn(scope, given) };
}

/** @throws ValidationException */
export function placeOfRule(
  scope: Scope,
  input: { Name?: string | undefined; Rule?: string | undefined; EventBusName?: string | undefined },
): RulePlace {
  const bus = placeOfBus(scope, input.EventBusName);
  const member = input.Rule === undefined ? 'name' : 'rule';
  const name = input.Rule ?? input.Name ?? '';
  if (name.length > 64) throw constraint(member, name.slice(0, 256), 'have length less than or equal to 64');
  if (!/^[\w.-]+$/.test(name))
    throw constraint(member, name, 'satisfy regular expression pattern: [\\.\\-_A-Za-z0-9]+');
  return { account: bus.account, region: bus.region, bus, name, arn: ruleArn(bus, name) };
}

export const ruleId = ({ bus, name }: RulePlace): string => `${bus.name}/${name}`;
export const placeOfRecord = (scope: Scope, rule: RuleRecord): RulePlace =>
  placeOfRule(scope, { Name: rule.name, EventBusName: rule.bus });

export function findBus(state: StateReader, place: BusPlace): BusRecord | undefined {
  const found = state.get(buses, place, place.name);
  return found ?? (place.name === 'default' ? { name: 'default', created: 0, modified: 0, tags: {} } : undefined);
}

/** @throws ResourceNotFoundException */
export function getBus(state: StateReader, place: BusPlace): BusRecord {
  const found = findBus(state, place);
  if (!found) throw notFound(`Event bus ${place.name}`);
  return found;
}

export const findRule = (state: StateReader, place: RulePlace): RuleRecord | undefined =>
  state.get(rules, place, ruleId(place));

/** @throws ResourceNotFoundException */
export function getRule(state: StateReader, place: RulePlace): RuleRecord {
  const found = findRule(state, place);
  if (!found) throw ruleNotFound(place.name, place.bus.name);
  return found;
}

/** The rules of a bus, in the order of their names. */
export function rulesOf(state: StateReader, bus: BusPlace): RuleRecord[] {
  return state
    .list(rules, bus)
    .map(({ value }) => value)
    .filter((rule) => rule.bus === bus.name);
}

export function busPolicy(state: StateReader, place: BusPlace): NamedPolicy[] {
  const text = state.get(buses, place, place.name)?.policy;
  return text ? [{ name: `policy of event bus ${place.name}`, document: policyDocument(text) }] : [];
}

/** The question that is asked about a bus, of its owner and by its policy. */
export function busAccess(ctx: CallContext, action: string, place: BusPlace, context: ConditionContext = {}): Access {
  return {
    action: `events:${action}`,
    resource: place.arn,
    resourceAccount: place.account,
    resourcePolicy: busPolicy(ctx.state, place),
    context: { ...resourceTagContext(findBus(ctx.state, place)?.tags), ...context },
  };
}

/** The question that is asked about a rule; its bus's policy speaks for it. */
export function ruleAccess(ctx: CallContext, action: string, place: RulePlace, context: ConditionContext = {}): Access {
  const rule = findRule(ctx.state, place);
  return {
    action: `events:${action}`,
    resource: place.arn,
    resourceAccount: place.account,
    resourcePolicy: busPolicy(ctx.state, place.bus),
    context: {
      'events:creatorAccount': rule?.creator ?? ctx.caller.principal.account,
      ...resourceTagContext(rule?.tags),
      ...context,
    },
  };
}
