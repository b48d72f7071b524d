import type {
  CreateTrailCommandInput,
  CreateTrailCommandOutput,
  DeleteTrailCommandInput,
  DeleteTrailCommandOutput,
  DescribeTrailsCommandInput,
  DescribeTrailsCommandOutput,
  GetTrailCommandInput,
  GetTrailCommandOutput,
  ListTrailsCommandInput,
  ListTrailsCommandOutput,
  UpdateTrailCommandInput,
  UpdateTrailCommandOutput,
} from '@aws-sdk/client-cloudtrail';
import { serviceCaller } from '../../callers.ts';
import { type CallContext, operation } from '../../context.ts';
import { AwsError, NotEmulated } from '../../errors.ts';
import { paginate } from '../../paginate.ts';
import { requestTagContext, tagsFrom } from '../../tags.ts';
import { passRole } from '../iam/service-roles.ts';
import { bucketPolicy } from '../s3/access.ts';
import { bucketArn, findBucket } from '../s3/tables.ts';
import {
  getTrail,
  placeOfTrail,
  type TrailPlace,
  type TrailRecord,
  trailAccess,
  trailArn,
  trails,
} from './trails-store.ts';

const mostTrails = 5;

/** May CloudTrail write there? It tries, before there is a trail. */
function checkBucket(ctx: CallContext, place: TrailPlace, name: string, prefix: string | undefined): void {
  const bucket = findBucket(ctx.state, name);
  if (!bucket) throw new AwsError('S3BucketDoesNotExistException', `S3 bucket ${name} does not exist!`);
  const caller = serviceCaller('cloudtrail.amazonaws.com', place.arn, place.account);
  const policy = bucketPolicy(bucket)?.policy;
  const may = (action: string, resource: string, context = {}) =>
    ctx.cloud.decide(caller, {
      action,
      resource,
      resourceAccount: bucket.account,
      resourcePolicy: policy ? [policy] : [],
      context,
    }).decision === 'allowed';
  const key = `${prefix ? `${prefix}/` : ''}AWSLogs/${place.account}/CloudTrail/log.json.gz`;
  const writes = may('s3:PutObject', `${bucketArn(name)}/${key}`, { 's3:x-amz-acl': 'bucket-owner-full-control' });
  if (!writes || !may('s3:GetBucketAcl', bucketArn(name)))
    throw new AwsError(
      'InsufficientS3BucketPolicyException',
      `Incorrect S3 bucket policy is detected for bucket: ${name}`,
    );
}

type Settings = Omit<UpdateTrailCommandInput, 'Name'>;

/**
 * A trail with what the request says.
 * differs from AWS: no log files are written into the bucket, nor events into the log group.
 */
function changed(ctx: CallContext, place: TrailPlace, old: TrailRecord, input: Settings): TrailRecord {
  if (input.IsOrganizationTrail) throw new NotEmulated('cloudtrail: trails of organisations');
  if (input.IsMultiRegionTrail && input.IncludeGlobalServiceEvents === false)
    throw new AwsError(
      'InvalidParameterCombinationException',
      'Multi-Region trail must include global service events.',
    );
  const group = input.CloudWatchLogsLogGroupArn ?? old.logGroupArn;
  const role = input.CloudWatchLogsRoleArn ?? old.logRoleArn;
  if (Boolean(group) !== Boolean(role))
    throw new AwsError(
      group ? 'InvalidCloudWatchLogsRoleArnException' : 'InvalidCloudWatchLogsLogGroupArnException',
      'You must specify both the log group ARN and the role ARN.',
    );
  if (input.CloudWatchLogsRoleArn) passRole(ctx, input.CloudWatchLogsRoleArn, 'cloudtrail.amazonaws.com', place.arn);
  const bucket = input.S3BucketName ?? old.bucket;
  const prefix = input.S3KeyPrefix ?? old.prefix;
  checkBucket(ctx, place, bucket, prefix);
  const topic = input.SnsTopicName ?? old.topic;
  const key = input.KmsKeyId ?? old.kmsKeyId;
  return {
    ...old,
    bucket,
    ...(prefix ? { prefix } : {}),
    ...(topic ? { topic } : {}),
    globalServices: input.IncludeGlobalServiceEvents ?? old.globalServices,
    multiRegion: input.IsMultiRegionTrail ?? old.multiRegion,
    validation: input.EnableLogFileValidation ?? old.validation,
    ...(group ? { logGroupArn: group, logRoleArn: role! } : {}),
    ...(key ? { kmsKeyId: key } : {}),
  };
}

function view(place: TrailPlace, trail: TrailRecord) {
  return {
    Name: trail.name,
    S3BucketName: trail.bucket,
    ...(trail.prefix ? { S3KeyPrefix: trail.prefix } : {}),
    ...(trail.topic
      ? {
          SnsTopicName: trail.topic,
          SnsTopicARN: trail.topic.startsWith('arn:')
            ? trail.topic
            : `arn:aws:sns:${place.region}:${place.account}:${trail.topic}`,
        }
      : {}),
    IncludeGlobalServiceEvents: trail.globalServices,
    IsMultiRegionTrail: trail.multiRegion,
    TrailARN: place.arn,
    LogFileValidationEnabled: trail.validation,
    ...(trail.logGroupArn
      ? { CloudWatchLogsLogGroupArn: trail.logGroupArn, CloudWatchLogsRoleArn: trail.logRoleArn }
      : {}),
    ...(trail.kmsKeyId ? { KmsKeyId: trail.kmsKeyId } : {}),
    IsOrganizationTrail: false,
  };
}

const described = (place: TrailPlace, trail: TrailRecord) => ({
  ...view(place, trail),
  HomeRegion: place.region,
  HasCustomEventSelectors: trail.selectors !== undefined,
  HasInsightSelectors: false,
});

/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html */
export const CreateTrail = operation<CreateTrailCommandInput, CreateTrailCommandOutput>({
  access(ctx, input) {
    const place = placeOfTrail(ctx, input.Name);
    const tags = requestTagContext(tagsFrom(input.TagsList));
    const create = trailAccess(ctx, 'CreateTrail', place, tags);
    return input.TagsList?.length ? [create, trailAccess(ctx, 'AddTags', place, tags)] : create;
  },
  run(ctx, input) {
    const place = placeOfTrail(ctx, input.Name);
    if (ctx.state.get(trails, place, place.name))
      throw new AwsError(
        'TrailAlreadyExistsException',
        `Trail ${place.name} already exists for customer: ${ctx.account}`,
      );
    if (ctx.state.list(trails, ctx).length >= mostTrails)
      throw new AwsError(
        'MaximumNumberOfTrailsExceededException',
        `User: ${ctx.account} already has ${mostTrails} trails in ${ctx.region}.`,
      );
    const start = {
      name: place.name,
      bucket: '',
      globalServices: true,
      multiRegion: false,
      validation: false,
      logging: false,
      tags: tagsFrom(input.TagsList),
    };
    const trail = changed(ctx, place, start, input);
    ctx.state.put(trails, place, place.name, trail);
    return view(place, trail);
  },
});

/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_UpdateTrail.html */
export const UpdateTrail = operation<UpdateTrailCommandInput, UpdateTrailCommandOutput>({
  access: (ctx, input) => trailAccess(ctx, 'UpdateTrail', placeOfTrail(ctx, input.Name)),
  run(ctx, input) {
    const place = placeOfTrail(ctx, input.Name);
    const trail = changed(ctx, place, getTrail(ctx.state, place, ctx.account), input);
    ctx.state.put(trails, place, place.name, trail);
    return view(place, trail);
  },
});

/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DeleteTrail.html */
export const DeleteTrail = operation<DeleteTrailCommandInput, DeleteTrailCommandOutput>({
  access: (ctx, input) => trailAccess(ctx, 'DeleteTrail', placeOfTrail(ctx, input.Name)),
  run(ctx, input) {
    const place = placeOfTrail(ctx, input.Name);
    getTrail(ctx.state, place, ctx.account);
    ctx.state.delete(trails, place, place.name);
    return {};
  },
});

/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetTrail.html */
export const GetTrail = operation<GetTrailCommandInput, GetTrailCommandOutput>({
  access: (ctx, input) => trailAccess(ctx, 'GetTrail', placeOfTrail(ctx, input.Name)),
  run(ctx, input) {
    const place = placeOfTrail(ctx, input.Name);
    return { Trail: described(place, getTrail(ctx.state, place, ctx.account)) };
  },
});

/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DescribeTrails.html: what is not there is left out. */
export const DescribeTrails = operation<DescribeTrailsCommandInput, DescribeTrailsCommandOutput>({
  access: () => ({ action: 'cloudtrail:DescribeTrails', resource: '*' }),
  run(ctx, input) {
    const wanted = input.trailNameList?.map((name) => placeOfTrail(ctx, name).arn);
    const found = ctx.state
      .all(trails)
      .filter(({ scope, value }) => scope.account === ctx.account && (scope.region === ctx.region || value.multiRegion))
      .map(({ scope, value }) => ({ place: placeOfTrail(scope, value.name), value }))
      .filter(({ place }) => !wanted?.length || wanted.includes(place.arn));
    return { trailList: found.map(({ place, value }) => described(place, value)) };
  },
});

/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListTrails.html: those of all regions. */
export const ListTrails = operation<ListTrailsCommandInput, ListTrailsCommandOutput>({
  access: () => ({ action: 'cloudtrail:ListTrails', resource: '*' }),
  run(ctx, input) {
    const all = ctx.state
      .all(trails)
      .filter(({ scope }) => scope.account === ctx.account)
      .map(({ scope, id }) => ({ TrailARN: trailArn(scope, id), Name: id, HomeRegion: scope.region }))
      .sort((a, b) => (a.TrailARN < b.TrailARN ? -1 : 1));
    const { page, next } = paginate(all, ({ TrailARN }) => TrailARN, { token: input.NextToken, max: 100 });
    return { Trails: page, ...(next ? { NextToken: next } : {}) };
  },
});
