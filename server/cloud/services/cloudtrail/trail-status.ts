import type {
  AddTagsCommandInput,
  AddTagsCommandOutput,
  GetEventSelectorsCommandInput,
  GetEventSelectorsCommandOutput,
  GetInsightSelectorsCommandInput,
  GetInsightSelectorsCommandOutput,
  GetTrailStatusCommandInput,
  GetTrailStatusCommandOutput,
  ListTagsCommandInput,
  ListTagsCommandOutput,
  PutEventSelectorsCommandInput,
  PutEventSelectorsCommandOutput,
  RemoveTagsCommandInput,
  RemoveTagsCommandOutput,
  StartLoggingCommandInput,
  StartLoggingCommandOutput,
  StopLoggingCommandInput,
  StopLoggingCommandOutput,
} from '@aws-sdk/client-cloudtrail';
import { type CallContext, operation } from '../../context.ts';
import { AwsError, NotEmulated } from '../../errors.ts';
import { requestTagContext, type Tags, tagList, tagsFrom } from '../../tags.ts';
import { getTrail, placeOfTrail, type TrailRecord, trailAccess, trails } from './trails-store.ts';

function update(ctx: CallContext, name: string | undefined, change: (trail: TrailRecord) => TrailRecord): TrailRecord {
  const place = placeOfTrail(ctx, name);
  const trail = change(getTrail(ctx.state, place, ctx.account));
  ctx.state.put(trails, place, place.name, trail);
  return trail;
}

/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_StartLogging.html */
export const StartLogging = operation<StartLoggingCommandInput, StartLoggingCommandOutput>({
  access: (ctx, input) => trailAccess(ctx, 'StartLogging', placeOfTrail(ctx, input.Name)),
  run(ctx, input) {
    update(ctx, input.Name, (trail) => ({ ...trail, logging: true, started: ctx.now }));
    return {};
  },
});

/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_StopLogging.html */
export const StopLogging = operation<StopLoggingCommandInput, StopLoggingCommandOutput>({
  access: (ctx, input) => trailAccess(ctx, 'StopLogging', placeOfTrail(ctx, input.Name)),
  run(ctx, input) {
    update(ctx, input.Name, (trail) => ({ ...trail, logging: false, stopped: ctx.now }));
    return {};
  },
});

/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetTrailStatus.html */
export const GetTrailStatus = operation<GetTrailStatusCommandInput, GetTrailStatusCommandOutput>({
  access: (ctx, input) => trailAccess(ctx, 'GetTrailStatus', placeOfTrail(ctx, input.Name)),
  run(ctx, input) {
    const { logging, started, stopped } = getTrail(ctx.state, placeOfTrail(ctx, input.Name), ctx.account);
    return {
      IsLogging: logging,
      ...(started === undefined ? {} : { StartLoggingTime: new Date(started) }),
      ...(stopped === undefined ? {} : { StopLoggingTime: new Date(stopped) }),
    };
  },
});

const allManagementEvents = {
  ReadWriteType: 'All' as const,
  IncludeManagementEvents: true,
  DataResources: [],
  ExcludeManagementEventSources: [],
};

/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetEventSelectors.html */
export const GetEventSelectors = operation<GetEventSelectorsCommandInput, GetEventSelectorsCommandOutput>({
  access: (ctx, input) => trailAccess(ctx, 'GetEventSelectors', placeOfTrail(ctx, input.TrailName)),
  run(ctx, input) {
    const place = placeOfTrail(ctx, input.TrailName);
    const { selectors } = getTrail(ctx.state, place, ctx.account);
    return { TrailARN: place.arn, EventSelectors: selectors ?? [allManagementEvents] };
  },
});

/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_PutEventSelectors.html: five at most. */
export const PutEventSelectors = operation<PutEventSelectorsCommandInput, PutEventSelectorsCommandOutput>({
  access: (ctx, input) => trailAccess(ctx, 'PutEventSelectors', placeOfTrail(ctx, input.TrailName)),
  run(ctx, input) {
    if (input.AdvancedEventSelectors?.length) throw new NotEmulated('cloudtrail: advanced event selectors');
    const given = input.EventSelectors ?? [];
    const resources = given.reduce((sum, { DataResources = [] }) => sum + DataResources.length, 0);
    const values = given.flatMap(({ DataResources = [] }) => DataResources.flatMap(({ Values = [] }) => Values));
    if (given.length < 1 || given.length > 5 || resources > 250 || values.length > 250)
      throw new AwsError(
        'InvalidEventSelectorsException',
        'A trail has 1 to 5 event selectors and at most 250 data resources.',
      );
    const selectors = given.map((selector) => ({ ...allManagementEvents, ...selector }));
    update(ctx, input.TrailName, (trail) => ({ ...trail, selectors }));
    return { TrailARN: placeOfTrail(ctx, input.TrailName).arn, EventSelectors: selectors };
  },
});

/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetInsightSelectors.html: no trail has any. */
export const GetInsightSelectors = operation<GetInsightSelectorsCommandInput, GetInsightSelectorsCommandOutput>({
  access: (ctx, input) => trailAccess(ctx, 'GetInsightSelectors', placeOfTrail(ctx, input.TrailName)),
  run(ctx, input) {
    const place = placeOfTrail(ctx, input.TrailName);
    getTrail(ctx.state, place, ctx.account);
    throw new AwsError('InsightNotEnabledException', `Trail ${place.arn} does not have Insights enabled.`);
  },
});

function checkTags(tags: Tags): void {
  if (Object.keys(tags).length > 50)
    throw new AwsError(
      'TagsLimitExceededException',
      'The number of tags per trail has exceeded the permitted amount of 50.',
    );
  for (const [key, value] of Object.entries(tags))
    if (key.length < 1 || key.length > 128 || value.length > 256 || /^aws:/i.test(key))
      throw new AwsError('InvalidTagParameterException', 'The specified tag key or value is not valid.');
}

/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AddTags.html */
export const AddTags = operation<AddTagsCommandInput, AddTagsCommandOutput>({
  access: (ctx, input) =>
    trailAccess(ctx, 'AddTags', placeOfTrail(ctx, input.ResourceId), requestTagContext(tagsFrom(input.TagsList))),
  run(ctx, input) {
    update(ctx, input.ResourceId, (trail) => {
      const tags = { ...trail.tags, ...tagsFrom(input.TagsList) };
      checkTags(tags);
      return { ...trail, tags };
    });
    return {};
  },
});

/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_RemoveTags.html */
export const RemoveTags = operation<RemoveTagsCommandInput, RemoveTagsCommandOutput>({
  access: (ctx, input) =>
    trailAccess(ctx, 'RemoveTags', placeOfTrail(ctx, input.ResourceId), {
      'aws:TagKeys': (input.TagsList ?? []).map(({ Key }) => Key ?? ''),
    }),
  run(ctx, input) {
    const gone = new Set((input.TagsList ?? []).map(({ Key }) => Key));
    update(ctx, input.ResourceId, (trail) => ({
      ...trail,
      tags: Object.fromEntries(Object.entries(trail.tags).filter(([key]) => !gone.has(key))),
    }));
    return {};
  },
});

/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListTags.html */
export const ListTags = operation<ListTagsCommandInput, ListTagsCommandOutput>({
  access(ctx, input) {
    const asked = (input.ResourceIdList ?? []).map((arn) => trailAccess(ctx, 'ListTags', placeOfTrail(ctx, arn)));
    return asked.length ? asked : { action: 'cloudtrail:ListTags', resource: '*' };
  },
  run: (ctx, input) => ({
    ResourceTagList: (input.ResourceIdList ?? []).map((arn) => ({
      ResourceId: arn,
      TagsList: tagList(getTrail(ctx.state, placeOfTrail(ctx, arn), ctx.account).tags),
    })),
  }),
});
