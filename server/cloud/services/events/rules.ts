import type {
  DeleteRuleCommandInput,
  DeleteRuleCommandOutput,
  DescribeRuleCommandInput,
  DescribeRuleCommandOutput,
  DisableRuleCommandInput,
  DisableRuleCommandOutput,
  EnableRuleCommandInput,
  EnableRuleCommandOutput,
  ListRulesCommandInput,
  ListRulesCommandOutput,
  PutRuleCommandInput,
  PutRuleCommandOutput,
} from '@aws-sdk/client-eventbridge';
import { type CallContext, type ConditionContext, operation } from '../../context.ts';
import { requestTagContext, tagsFrom } from '../../tags.ts';
import { passRole } from '../iam/service-roles.ts';
import { constraint, invalid, tooMany } from './errors.ts';
import { pageOf } from './pages.ts';
import { readPattern } from './patterns.ts';
import { readSchedule } from './schedule.ts';
import {
  findRule,
  getBus,
  getRule,
  placeOfBus,
  placeOfRecord,
  placeOfRule,
  type RulePlace,
  type RuleRecord,
  ruleAccess,
  ruleId,
  rules,
  rulesOf,
} from './store.ts';
import { checkTags } from './tag-rules.ts';

const mostRules = 300;
const states = ['ENABLED', 'DISABLED', 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS'];

/** `events:source` and its siblings: what the pattern of a rule asks for. */
function patternContext(text: string | undefined): ConditionContext {
  let pattern: unknown;
  try {
    pattern = JSON.parse(text ?? '');
  } catch {
    return {};
  }
  const texts = (path: string[]): string[] => {
    let at: unknown = pattern;
    for (const name of path)
      at =
        typeof at === 'object' && at !== null && Object.hasOwn(at, name) ? (at as Record<string, unknown>)[name] : [];
    return [at].flat().filter((each) => typeof each === 'string');
  };
  const context: ConditionContext = {};
  for (const name of ['source', 'detail-type']) if (texts([name]).length) context[`events:${name}`] = texts([name]);
  for (const path of [['userIdentity', 'principalId'], ['service'], ['eventTypeCode']]) {
    const [value] = texts(['detail', ...path]);
    if (value !== undefined) context[`events:detail.${path.join('.')}`] = value;
  }
  return context;
}

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html: makes a rule, or overwrites it. */
export const PutRule = operation<PutRuleCommandInput, PutRuleCommandOutput>({
  access(ctx, input) {
    const place = placeOfRule(ctx, input);
    const tags = requestTagContext(tagsFrom(input.Tags));
    const put = ruleAccess(ctx, 'PutRule', place, { ...patternContext(input.EventPattern), ...tags });
    return input.Tags?.length ? [put, ruleAccess(ctx, 'TagResource', place, tags)] : put;
  },
  run(ctx, input) {
    const place = placeOfRule(ctx, input);
    getBus(ctx.state, place.bus);
    const { EventPattern: pattern, ScheduleExpression: schedule, State: state = 'ENABLED', Description: text } = input;
    if (!pattern && !schedule) throw invalid('Parameter(s) EventPattern or ScheduleExpression must be specified.');
    if (!states.includes(state)) throw constraint('state', state, `satisfy enum value set: [${states.join(', ')}]`);
    if ((text?.length ?? 0) > 512) throw constraint('description', text!, 'have length less than or equal to 512');
    if (pattern) readPattern(pattern);
    if (schedule && place.bus.name !== 'default')
      throw invalid('ScheduleExpression is supported only on the default event bus.');
    const next = schedule ? readSchedule(schedule)(ctx.now) : undefined;
    if (input.RoleArn) passRole(ctx, input.RoleArn, 'events.amazonaws.com', place.arn);
    checkTags(input.Tags ?? []);
    const old = findRule(ctx.state, place);
    if (!old && rulesOf(ctx.state, place.bus).length >= mostRules) throw tooMany();
    ctx.state.put(rules, place, ruleId(place), {
      name: place.name,
      bus: place.bus.name,
      ...(text === undefined ? {} : { description: text }),
      ...(pattern ? { pattern } : {}),
      ...(schedule ? { schedule } : {}),
      state: state as RuleRecord['state'],
      ...(input.RoleArn ? { roleArn: input.RoleArn } : {}),
      creator: old?.creator ?? ctx.account,
      targets: old?.targets ?? [],
      // "If you are updating an existing rule, any tags you specify in the PutRule operation are ignored."
      tags: old?.tags ?? tagsFrom(input.Tags),
      ...(next === undefined ? {} : { next }),
    });
    return { RuleArn: place.arn };
  },
});

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DeleteRule.html: idempotent. */
export const DeleteRule = operation<DeleteRuleCommandInput, DeleteRuleCommandOutput>({
  access: (ctx, input) => ruleAccess(ctx, 'DeleteRule', placeOfRule(ctx, input)),
  run(ctx, input) {
    const place = placeOfRule(ctx, input);
    getBus(ctx.state, place.bus);
    if (findRule(ctx.state, place)?.targets.length) throw invalid("Rule can't be deleted since it has targets.");
    ctx.state.delete(rules, place, ruleId(place));
    return {};
  },
});

function view(place: RulePlace, rule: RuleRecord) {
  return {
    Name: rule.name,
    Arn: place.arn,
    ...(rule.pattern === undefined ? {} : { EventPattern: rule.pattern }),
    ...(rule.schedule === undefined ? {} : { ScheduleExpression: rule.schedule }),
    State: rule.state,
    ...(rule.description === undefined ? {} : { Description: rule.description }),
    ...(rule.roleArn ? { RoleArn: rule.roleArn } : {}),
    EventBusName: rule.bus,
  };
}

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DescribeRule.html */
export const DescribeRule = operation<DescribeRuleCommandInput, DescribeRuleCommandOutput>({
  access: (ctx, input) => ruleAccess(ctx, 'DescribeRule', placeOfRule(ctx, input)),
  run(ctx, input) {
    const place = placeOfRule(ctx, input);
    getBus(ctx.state, place.bus);
    const rule = getRule(ctx.state, place);
    return { ...view(place, rule), CreatedBy: rule.creator };
  },
});

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListRules.html */
export const ListRules = operation<ListRulesCommandInput, ListRulesCommandOutput>({
  access: () => ({ action: 'events:ListRules', resource: '*' }),
  run(ctx, input) {
    const bus = placeOfBus(ctx, input.EventBusName);
    getBus(ctx.state, { ...bus, account: ctx.account });
    const all = rulesOf(ctx.state, { ...bus, account: ctx.account }).filter(({ name }) =>
      name.startsWith(input.NamePrefix ?? ''),
    );
    const { page, next } = pageOf(all, ({ name }) => name, input);
    return {
      Rules: page.map((rule) => view(placeOfRecord(ctx, rule), rule)),
      ...(next ? { NextToken: next } : {}),
    };
  },
});

function setState(ctx: CallContext, input: EnableRuleCommandInput, state: RuleRecord['state']) {
  const place = placeOfRule(ctx, input);
  getBus(ctx.state, place.bus);
  const rule = getRule(ctx.state, place);
  const next = rule.schedule && state === 'ENABLED' ? readSchedule(rule.schedule)(ctx.now) : rule.next;
  ctx.state.put(rules, place, ruleId(place), { ...rule, state, ...(next === undefined ? {} : { next }) });
  return {};
}

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_EnableRule.html */
export const EnableRule = operation<EnableRuleCommandInput, EnableRuleCommandOutput>({
  access: (ctx, input) => ruleAccess(ctx, 'EnableRule', placeOfRule(ctx, input)),
  run: (ctx, input) => setState(ctx, input, 'ENABLED'),
});

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DisableRule.html */
export const DisableRule = operation<DisableRuleCommandInput, DisableRuleCommandOutput>({
  access: (ctx, input) => ruleAccess(ctx, 'DisableRule', placeOfRule(ctx, input)),
  run: (ctx, input) => setState(ctx, input, 'DISABLED'),
});
