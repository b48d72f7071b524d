import type {
  ListRuleNamesByTargetCommandInput,
  ListRuleNamesByTargetCommandOutput,
  ListTargetsByRuleCommandInput,
  ListTargetsByRuleCommandOutput,
  PutTargetsCommandInput,
  PutTargetsCommandOutput,
  RemoveTargetsCommandInput,
  RemoveTargetsCommandOutput,
  Target,
} from '@aws-sdk/client-eventbridge';
import { operation } from '../../context.ts';
import { NotEmulated } from '../../errors.ts';
import { passRole } from '../iam/service-roles.ts';
import { constraint, invalid, tooMany } from './errors.ts';
import { pageOf } from './pages.ts';
import {
  getBus,
  getRule,
  placeOfBus,
  placeOfRule,
  type RulePlace,
  type RuleRecord,
  ruleAccess,
  ruleId,
  rules,
  rulesOf,
} from './store.ts';
import { readPath } from './target-input.ts';

const mostTargets = 5;
const mostVariables = 100;

const shapes: Record<string, RegExp> = {
  lambda: /^arn:aws:lambda:[a-z0-9-]+:\d{12}:function:[\w-]+(:[\w$-]+)?$/,
  sqs: /^arn:aws:sqs:[a-z0-9-]+:\d{12}:[\w-]+(\.fifo)?$/,
  sns: /^arn:aws:sns:[a-z0-9-]+:\d{12}:[\w-]+(\.fifo)?$/,
  events: /^arn:aws:events:[a-z0-9-]+:\d{12}:event-bus\/[\w.-]+$/,
};

/** The members of a target that say something; the others are of kinds of target that are not emulated. */
const members = new Set([
  'Id',
  'Arn',
  'RoleArn',
  'Input',
  'InputPath',
  'InputTransformer',
  'SqsParameters',
  'DeadLetterConfig',
  'RetryPolicy',
]);

/** @throws ValidationException; NotEmulated for kinds of target that are nowhere here */
function checkTarget(target: Target, place: RulePlace): void {
  const { Id: id = '', Arn: arn = '' } = target;
  if (!/^[\w.-]{1,64}$/.test(id))
    throw constraint(
      'targets.1.member.id',
      id.slice(0, 256),
      'satisfy regular expression pattern: [\\.\\-_A-Za-z0-9]+',
    );
  const [scheme, , service = '', region, account, resource = ''] = arn.split(':');
  if (scheme !== 'arn' || arn.length > 1600)
    throw invalid(`Parameter ${arn.slice(0, 256)} is not valid. Reason: Provided Arn is not in correct format.`);
  const known = Object.hasOwn(shapes, service) && !(service === 'events' && !resource.startsWith('event-bus/'));
  if (!known) throw new NotEmulated(`events: targets of service ${service || '(none)'}`);
  if (!shapes[service]!.test(arn))
    throw invalid(`Parameter ${arn} is not valid. Reason: Provided Arn is not in correct format.`);
  const strange = Object.keys(target).find((name) => !members.has(name) && target[name as keyof Target] !== undefined);
  if (strange) throw invalid(`Parameter ${strange} is not supported for target ${id}.`);
  if (service !== 'events' && region !== place.region)
    throw invalid(`Parameter ${arn} is not valid. Reason: Provided Arn is in a different region.`);
  if ((service === 'events' || account !== place.account) && !target.RoleArn)
    throw invalid(`RoleArn is required for target ${arn}.`);
  const group = target.SqsParameters?.MessageGroupId;
  if (service === 'sqs' && arn.endsWith('.fifo') && group === undefined)
    throw invalid(`Parameter(s) SqsParameters must be specified for target: ${id}.`);
  if (group !== undefined && service !== 'sqs') throw invalid(`SqsParameters is not supported for target ${id}.`);
  checkInput(target, id, service);
  const { MaximumRetryAttempts: retries, MaximumEventAgeInSeconds: age } = target.RetryPolicy ?? {};
  if (retries !== undefined && (retries < 0 || retries > 185))
    throw constraint('retryPolicy.maximumRetryAttempts', String(retries), 'have value between 0 and 185');
  if (age !== undefined && (age < 60 || age > 86_400))
    throw constraint('retryPolicy.maximumEventAgeInSeconds', String(age), 'have value between 60 and 86400');
  const dead = target.DeadLetterConfig?.Arn;
  if (dead !== undefined && (!shapes.sqs!.test(dead) || dead.endsWith('.fifo')))
    throw invalid(`Parameter DeadLetterConfig is not valid. Reason: ${dead} is not the ARN of a standard queue.`);
}

function checkInput(target: Target, id: string, service: string): void {
  const given = [target.Input, target.InputPath, target.InputTransformer].filter((each) => each !== undefined);
  if (given.length > 1)
    throw invalid(`Only one of Input, InputPath, or InputTransformer must be provided for target ${id}.`);
  if (given.length && service === 'events')
    throw invalid(`Input, InputPath and InputTransformer are not supported for target ${id}.`);
  if (target.Input !== undefined) {
    if (target.Input.length > 8192) throw constraint('input', '…', 'have length less than or equal to 8192');
    try {
      JSON.parse(target.Input);
    } catch {
      throw invalid(`JSON syntax error in input for target ${id}.`);
    }
  }
  if (target.InputPath !== undefined) readPath(target.InputPath, 'InputPath');
  if (!target.InputTransformer) return;
  const { InputPathsMap: paths = {}, InputTemplate: template = '' } = target.InputTransformer;
  if (template.length < 1 || template.length > 8192)
    throw constraint('inputTransformer.inputTemplate', '…', 'have length between 1 and 8192');
  if (Object.keys(paths).length > mostVariables)
    throw constraint('inputTransformer.inputPathsMap', '…', `have length less than or equal to ${mostVariables}`);
  for (const [name, path] of Object.entries(paths)) {
    if (!/^[\w-]{1,256}$/.test(name) || name.startsWith('AWS'))
      throw invalid(`Invalid InputPathsMap key ${name.slice(0, 64)} provided for target ${id}.`);
    readPath(path, 'InputPath');
  }
}

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutTargets.html */
export const PutTargets = operation<PutTargetsCommandInput, PutTargetsCommandOutput>({
  access: (ctx, input) =>
    ruleAccess(ctx, 'PutTargets', placeOfRule(ctx, input), {
      'events:TargetArn': (input.Targets ?? []).map(({ Arn }) => Arn ?? ''),
    }),
  run(ctx, input) {
    const place = placeOfRule(ctx, input);
    getBus(ctx.state, place.bus);
    const rule = getRule(ctx.state, place);
    const given = input.Targets ?? [];
    if (given.length < 1 || given.length > 100)
      throw constraint('targets', `[${given.length} targets]`, 'have length between 1 and 100');
    for (const target of given) checkTarget(target, place);
    for (const role of new Set(given.map(({ RoleArn }) => RoleArn))) {
      if (role) passRole(ctx, role, 'events.amazonaws.com', place.arn);
    }
    const targets = new Map(rule.targets.map((target) => [target.Id!, target]));
    for (const target of given) targets.set(target.Id!, JSON.parse(JSON.stringify(target)) as Target);
    if (targets.size > mostTargets) throw tooMany();
    ctx.state.put(rules, place, ruleId(place), { ...rule, targets: [...targets.values()] });
    return { FailedEntryCount: 0, FailedEntries: [] };
  },
});

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_RemoveTargets.html: what is not there is removed too. */
export const RemoveTargets = operation<RemoveTargetsCommandInput, RemoveTargetsCommandOutput>({
  access: (ctx, input) => ruleAccess(ctx, 'RemoveTargets', placeOfRule(ctx, input)),
  run(ctx, input) {
    const place = placeOfRule(ctx, input);
    getBus(ctx.state, place.bus);
    const rule = getRule(ctx.state, place);
    const gone = new Set(input.Ids);
    ctx.state.put(rules, place, ruleId(place), { ...rule, targets: rule.targets.filter(({ Id }) => !gone.has(Id!)) });
    return { FailedEntryCount: 0, FailedEntries: [] };
  },
});

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListTargetsByRule.html */
export const ListTargetsByRule = operation<ListTargetsByRuleCommandInput, ListTargetsByRuleCommandOutput>({
  access: (ctx, input) => ruleAccess(ctx, 'ListTargetsByRule', placeOfRule(ctx, input)),
  run(ctx, input) {
    const place = placeOfRule(ctx, input);
    getBus(ctx.state, place.bus);
    const sorted = [...getRule(ctx.state, place).targets].sort((a, b) => (a.Id! < b.Id! ? -1 : 1));
    const { page, next } = pageOf(sorted, ({ Id }) => Id!, input);
    return { Targets: page, ...(next ? { NextToken: next } : {}) };
  },
});

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListRuleNamesByTarget.html */
export const ListRuleNamesByTarget = operation<ListRuleNamesByTargetCommandInput, ListRuleNamesByTargetCommandOutput>({
  access: () => ({ action: 'events:ListRuleNamesByTarget', resource: '*' }),
  run(ctx, input) {
    const bus = { ...placeOfBus(ctx, input.EventBusName), account: ctx.account };
    getBus(ctx.state, bus);
    const leads = (rule: RuleRecord) => rule.targets.some(({ Arn }) => Arn === input.TargetArn);
    const names = rulesOf(ctx.state, bus)
      .filter(leads)
      .map(({ name }) => name);
    const { page, next } = pageOf(names, (name) => name, input);
    return { RuleNames: page, ...(next ? { NextToken: next } : {}) };
  },
});
