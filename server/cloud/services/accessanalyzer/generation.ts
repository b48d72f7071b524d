import type {
  CancelPolicyGenerationCommandInput,
  CancelPolicyGenerationCommandOutput,
  GetGeneratedPolicyCommandInput,
  GetGeneratedPolicyCommandOutput,
  ListPolicyGenerationsCommandInput,
  ListPolicyGenerationsCommandOutput,
  StartPolicyGenerationCommandInput,
  StartPolicyGenerationCommandOutput,
} from '@aws-sdk/client-accessanalyzer';
import { type CallContext, operation } from '../../context.ts';
import { decide } from '../../gateway/authorize.ts';
import { roleCaller } from '../../gateway/callers.ts';
import { paginate } from '../../paginate.ts';
import { uuid } from '../../random.ts';
import { defineTable } from '../../state/table.ts';
import { placeOfTrail, trails } from '../cloudtrail/trails-store.ts';
import { passRole, roleForService } from '../iam/service-roles.ts';
import { findRoleByArn, iamScope, parseIamArn, users } from '../iam/tables.ts';
import { invalid, invalidToken } from './errors.ts';
import { observedActions, policyFrom } from './observed-actions.ts';

interface JobRecord {
  principalArn: string;
  trailArn: string;
  started: number;
  from: number;
  to: number;
  /** What the principal was seen to do, as policies name it. Absent: the access role could not read the trail. */
  actions?: string[];
}

const jobs = defineTable<JobRecord>('accessanalyzer.generations');

const DAY = 86_400_000;
/** differs from AWS: there jobs are forgotten after seven days, and there is a quota of jobs a day. */
const mostJobs = 100;

/** May the access role read the trail? https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-policy-generation.html */
function mayRead(ctx: CallContext, roleArn: string, trailArn: string): boolean {
  const { account, name } = parseIamArn(roleArn)!;
  const place = placeOfTrail(ctx, trailArn);
  const bucket = ctx.state.get(trails, place, place.name)?.bucket ?? '';
  const source = { ip: 'access-analyzer.amazonaws.com' };
  const role = roleCaller(ctx.cloud, account, name, 'AccessAnalyzer', source);
  return [
    { action: 'cloudtrail:GetTrail', resource: trailArn },
    { action: 's3:ListBucket', resource: `arn:aws:s3:::${bucket}` },
    { action: 's3:GetObject', resource: `arn:aws:s3:::${bucket}/AWSLogs/${ctx.account}/CloudTrail/log.json.gz` },
  ].every((access) => decide(ctx.cloud, ctx.state, role, access, ctx.region).decision === 'allowed');
}

/**
 * https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_StartPolicyGeneration.html
 * differs from AWS: the job is done at once, and reads the event history instead of the trail's files.
 */
export const StartPolicyGeneration = operation<StartPolicyGenerationCommandInput, StartPolicyGenerationCommandOutput>({
  access: () => ({ action: 'access-analyzer:StartPolicyGeneration', resource: '*' }),
  async run(ctx, input) {
    const principalArn = input.policyGenerationDetails?.principalArn ?? '';
    const trail = input.cloudTrailDetails;
    const place = parseIamArn(principalArn);
    const known =
      place?.account === ctx.account &&
      (findRoleByArn(ctx.state, principalArn) !== undefined ||
        ctx.state.get(users, iamScope(ctx.account), place.name)?.arn === principalArn);
    if (!known) throw invalid('The principal ARN is not that of a role or user of this account.');
    if (!trail?.trails?.length) throw invalid('A CloudTrail trail must be specified.');
    if (trail.trails.length > 1) throw invalid('Only one trail can be specified.');
    const trailArn = trail.trails[0]!.cloudTrailArn ?? '';
    const at = /^arn:aws:cloudtrail:/.test(trailArn) ? placeOfTrail(ctx, trailArn) : undefined;
    if (!at || at.account !== ctx.account || !ctx.state.get(trails, at, at.name))
      throw invalid('The trail does not exist or is not of this account.');
    const [from, to] = [trail.startTime!.getTime(), (trail.endTime ?? new Date(ctx.now)).getTime()];
    if (!(from < to)) throw invalid('The start time must be before the end time.');
    if (to - from > 90 * DAY) throw invalid('The time range must not be longer than 90 days.');
    const role = trail.accessRole ?? '';
    passRole(ctx, role, 'access-analyzer.amazonaws.com');
    roleForService(ctx, role, 'access-analyzer.amazonaws.com', {
      error: () => invalid('The access role does not exist, or cannot be assumed by Access Analyzer.'),
    });
    const actions = mayRead(ctx, role, trailArn)
      ? await observedActions(ctx.cloud, ctx.account, principalArn, from, to)
      : undefined;
    const jobId = uuid(ctx.cloud.random);
    const old = ctx.state.list(jobs, ctx).sort((a, b) => a.value.started - b.value.started);
    for (const { id } of old.slice(0, Math.max(0, old.length - mostJobs + 1))) ctx.state.delete(jobs, ctx, id);
    ctx.state.put(jobs, ctx, jobId, {
      principalArn,
      trailArn,
      started: ctx.now,
      from,
      to,
      ...(actions ? { actions } : {}),
    });
    return { jobId };
  },
});

function getJob(ctx: CallContext, id: string | undefined): JobRecord {
  const job = ctx.state.get(jobs, ctx, id ?? '');
  // https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_GetGeneratedPolicy.html has no ResourceNotFound.
  if (!job) throw invalid(`Job ${(id ?? '').slice(0, 64)} was not found.`);
  return job;
}

const statusOf = (job: JobRecord) => (job.actions ? ('SUCCEEDED' as const) : ('FAILED' as const));

/** https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_GetGeneratedPolicy.html */
export const GetGeneratedPolicy = operation<GetGeneratedPolicyCommandInput, GetGeneratedPolicyCommandOutput>({
  access: () => ({ action: 'access-analyzer:GetGeneratedPolicy', resource: '*' }),
  async run(ctx, input) {
    const job = getJob(ctx, input.jobId);
    const at = new Date(job.started);
    const { actions } = job;
    return {
      jobDetails: {
        jobId: input.jobId,
        status: statusOf(job),
        startedOn: at,
        completedOn: at,
        ...(actions
          ? {}
          : {
              jobError: {
                code: 'AUTHORIZATION_ERROR' as const,
                message: 'The access role does not have the permissions to read the trail.',
              },
            }),
      },
      generatedPolicyResult: {
        properties: {
          isComplete: true,
          principalArn: job.principalArn,
          cloudTrailProperties: {
            trailProperties: [{ cloudTrailArn: job.trailArn, allRegions: true }],
            startTime: new Date(job.from),
            endTime: new Date(job.to),
          },
        },
        generatedPolicies: actions?.length
          ? [{ policy: JSON.stringify(await policyFrom(actions, input.includeResourcePlaceholders === true)) }]
          : [],
      },
    };
  },
});

/** https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_ListPolicyGenerations.html */
export const ListPolicyGenerations = operation<ListPolicyGenerationsCommandInput, ListPolicyGenerationsCommandOutput>({
  access: () => ({ action: 'access-analyzer:ListPolicyGenerations', resource: '*' }),
  run(ctx, input) {
    const all = ctx.state
      .list(jobs, ctx)
      .filter(({ value }) => input.principalArn === undefined || value.principalArn === input.principalArn);
    const { page, next } = paginate(all, ({ id }) => id, {
      token: input.nextToken,
      limit: input.maxResults,
      max: 100,
      invalid: invalidToken,
    });
    return {
      policyGenerations: page.map(({ id, value }) => ({
        jobId: id,
        principalArn: value.principalArn,
        status: statusOf(value),
        startedOn: new Date(value.started),
        completedOn: new Date(value.started),
      })),
      ...(next ? { nextToken: next } : {}),
    };
  },
});

/** https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_CancelPolicyGeneration.html: what is done stays done. */
export const CancelPolicyGeneration = operation<
  CancelPolicyGenerationCommandInput,
  CancelPolicyGenerationCommandOutput
>({
  access: () => ({ action: 'access-analyzer:CancelPolicyGeneration', resource: '*' }),
  run(ctx, input) {
    getJob(ctx, input.jobId);
    return {};
  },
});
