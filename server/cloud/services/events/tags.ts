import type {
  ListTagsForResourceCommandInput,
  ListTagsForResourceCommandOutput,
  TagResourceCommandInput,
  TagResourceCommandOutput,
  UntagResourceCommandInput,
  UntagResourceCommandOutput,
} from '@aws-sdk/client-eventbridge';
import { type Access, type CallContext, type ConditionContext, operation } from '../../context.ts';
import { requestTagContext, type Tags, tagList, tagsFrom } from '../../tags.ts';
import { invalid } from './errors.ts';
import {
  type BusPlace,
  busAccess,
  buses,
  getBus,
  getRule,
  placeOfBus,
  placeOfRule,
  type RulePlace,
  ruleAccess,
  ruleId,
  rules,
} from './store.ts';
import { checkTags } from './tag-rules.ts';

/** A bus or a rule, by its ARN. @throws ValidationException */
function tagged(ctx: CallContext, arn: string | undefined): { bus: BusPlace } | { rule: RulePlace } {
  const found = /^arn:aws:events:([a-z0-9-]+):(\d{12}):(?:(event-bus\/[\w.-]+)|rule\/(?:([\w.-]+)\/)?([\w.-]+))$/.exec(
    arn ?? '',
  );
  if (!found)
    throw invalid(
      `Parameter ${(arn ?? '').slice(0, 256)} is not valid. Reason: Provided Arn is not in correct format.`,
    );
  const [, region, account, bus, busName, name] = found;
  const scope = { region: region!, account: account! };
  if (bus) return { bus: placeOfBus(ctx, arn) };
  return { rule: placeOfRule(scope, { Name: name, EventBusName: busName }) };
}

function access(ctx: CallContext, action: string, arn: string | undefined, context: ConditionContext = {}): Access {
  const at = tagged(ctx, arn);
  return 'bus' in at ? busAccess(ctx, action, at.bus, context) : ruleAccess(ctx, action, at.rule, context);
}

/** @throws ResourceNotFoundException */
function tagsOf(ctx: CallContext, arn: string | undefined): Tags {
  const at = tagged(ctx, arn);
  return ('bus' in at ? getBus(ctx.state, at.bus) : getRule(ctx.state, at.rule)).tags;
}

function save(ctx: CallContext, arn: string | undefined, tags: Tags): void {
  checkTags(tagList(tags));
  const at = tagged(ctx, arn);
  if ('bus' in at) ctx.state.put(buses, at.bus, at.bus.name, { ...getBus(ctx.state, at.bus), tags });
  else ctx.state.put(rules, at.rule, ruleId(at.rule), { ...getRule(ctx.state, at.rule), tags });
}

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_TagResource.html */
export const TagResource = operation<TagResourceCommandInput, TagResourceCommandOutput>({
  access: (ctx, input) => access(ctx, 'TagResource', input.ResourceARN, requestTagContext(tagsFrom(input.Tags))),
  run(ctx, input) {
    checkTags(input.Tags ?? []);
    save(ctx, input.ResourceARN, { ...tagsOf(ctx, input.ResourceARN), ...tagsFrom(input.Tags) });
    return {};
  },
});

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_UntagResource.html */
export const UntagResource = operation<UntagResourceCommandInput, UntagResourceCommandOutput>({
  access: (ctx, input) => access(ctx, 'UntagResource', input.ResourceARN, { 'aws:TagKeys': input.TagKeys ?? [] }),
  run(ctx, input) {
    const gone = new Set(input.TagKeys);
    const tags = Object.entries(tagsOf(ctx, input.ResourceARN)).filter(([key]) => !gone.has(key));
    save(ctx, input.ResourceARN, Object.fromEntries(tags));
    return {};
  },
});

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListTagsForResource.html */
export const ListTagsForResource = operation<ListTagsForResourceCommandInput, ListTagsForResourceCommandOutput>({
  access: (ctx, input) => access(ctx, 'ListTagsForResource', input.ResourceARN),
  run: (ctx, input) => ({ Tags: tagList(tagsOf(ctx, input.ResourceARN)) }),
});
