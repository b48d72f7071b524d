import type {
  GenerateServiceLastAccessedDetailsCommandInput,
  GenerateServiceLastAccessedDetailsCommandOutput,
  GetServiceLastAccessedDetailsCommandInput,
  GetServiceLastAccessedDetailsCommandOutput,
  ServiceLastAccessed,
} from '@aws-sdk/client-iam';
import type { CallRecord } from '../../call-log.ts';
import { type CallContext, operation } from '../../context.ts';
import { AwsError, NotEmulated } from '../../errors.ts';
import { knownServices } from '../../policy/catalogue.ts';
import { compileGlob, matchGlob } from '../../policy/glob.ts';
import type { NamedPolicy } from '../../policy/types.ts';
import { uuid } from '../../random.ts';
import { defineTable } from '../../state/table.ts';
import { noSuchEntity, pageOf } from './checks.ts';
import { entitiesOf, findIdentity, type Identities, type Kind, listIdentities } from './identities.ts';
import { identityPolicies, managedSource } from './simulate-sources.ts';
import { parseIamArn } from './tables.ts';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html */

interface AccessReport {
  arn: string;
  created: number;
}

/** The id is the job's. */
export const accessReports = defineTable<AccessReport>('iam.accessReports', { global: true });

/** Older ones make room; AWS keeps reports for a week. */
const mostReports = 1000;

/** Who could use the permissions, and the policies that give them. */
interface Subject {
  entities: string[];
  policies: NamedPolicy[];
}

function findSubject(ctx: CallContext, arn: string): Subject | undefined {
  const parsed = parseIamArn(arn);
  if (!parsed) return undefined;
  if (parsed.kind === 'policy') {
    const policy = managedSource(ctx, arn);
    if (!policy) return undefined;
    const holders = entitiesOf(ctx, arn).filter(({ as }) => as === 'policy');
    return { entities: holders.flatMap(({ record }) => peopleOf(ctx, record)), policies: [policy] };
  }
  if (parsed.kind !== 'user' && parsed.kind !== 'group' && parsed.kind !== 'role') return undefined;
  const record = parsed.account === ctx.account ? findIdentity(ctx, parsed.kind as Kind, parsed.name) : undefined;
  if (record?.arn !== arn) return undefined;
  return { entities: peopleOf(ctx, record), policies: identityPolicies(ctx, parsed.kind as Kind, record) };
}

/** A group is those who are in it. */
function peopleOf(ctx: CallContext, record: Identities[Kind]): string[] {
  if (!('groupName' in record)) return [record.arn];
  return listIdentities(ctx, 'user')
    .filter(({ groups }) => groups.includes(record.groupName))
    .map(({ arn }) => arn);
}

/** The services that a policy names in what it allows; of `NotAction`, all but those that are left out as a whole. */
function servicesOf(policies: readonly NamedPolicy[], all: Iterable<string>): Set<string> {
  const rest = new Set(all);
  const named = new Set<string>();
  for (const { document } of policies)
    for (const { Effect, Action, NotAction } of [document.Statement].flat()) {
      if (Effect !== 'Allow') continue;
      const patterns = [Action ?? NotAction ?? []].flat().map((action) => action.toLowerCase());
      if (NotAction !== undefined) {
        const whole = new Set(patterns.filter((action) => action.endsWith(':*')).map(prefixOf));
        for (const service of rest) if (!whole.has(service) && !patterns.includes('*')) named.add(service);
      } else
        for (const prefix of new Set(patterns.map(prefixOf))) {
          if (rest.has(prefix)) named.add(prefix);
          else if (/[*?]/.test(prefix)) {
            const glob = compileGlob(prefix);
            for (const service of rest) if (matchGlob(glob, service)) named.add(service);
          }
        }
    }
  return named;
}

const prefixOf = (action: string): string => action.split(':', 1)[0]!;

/** By service: who tried last, and how many tried at all. */
function attempts(
  calls: readonly CallRecord[],
  entities: readonly string[],
  until: number,
): Map<string, { last: CallRecord; entity: string; who: Set<string> }> {
  const wanted = new Set(entities);
  const found = new Map<string, { last: CallRecord; entity: string; who: Set<string> }>();
  for (const record of calls) {
    const { arn, roleArn } = record.userIdentity;
    const entity = roleArn ?? arn;
    if (!wanted.has(entity) || Date.parse(record.eventTime) > until) continue;
    const service = namespaceOf(record.eventSource);
    const who = found.get(service)?.who ?? new Set();
    found.set(service, { last: record, entity, who: who.add(entity) });
  }
  return found;
}

function namespaceOf(eventSource: string): string {
  const name = eventSource.slice(0, eventSource.indexOf('.'));
  return name === 'rdsdata' ? 'rds-data' : name;
}

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_GenerateServiceLastAccessedDetails.html */
export const GenerateServiceLastAccessedDetails = operation<
  GenerateServiceLastAccessedDetailsCommandInput,
  GenerateServiceLastAccessedDetailsCommandOutput
>({
  access: (_ctx, input) => ({ action: 'iam:GenerateServiceLastAccessedDetails', resource: input.Arn! }),
  run(ctx, input) {
    if (input.Granularity === 'ACTION_LEVEL')
      throw new NotEmulated('iam:GenerateServiceLastAccessedDetails of single actions');
    if (!parseIamArn(input.Arn!)) throw new AwsError('InvalidInput', `Invalid ARN: ${input.Arn!.slice(0, 200)}`, 400);
    if (!findSubject(ctx, input.Arn!)) throw noSuchEntity(`ARN ${input.Arn} not found`);
    const reports = [...ctx.state.list(accessReports, ctx)].sort((a, b) => a.value.created - b.value.created);
    for (const { id } of reports.slice(0, Math.max(0, reports.length - mostReports + 1)))
      ctx.state.delete(accessReports, ctx, id);
    const JobId = uuid(ctx.cloud.random);
    ctx.state.put(accessReports, ctx, JobId, { arn: input.Arn!, created: ctx.now });
    return { JobId };
  },
});

/**
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetServiceLastAccessedDetails.html
 * differs from AWS: attempts are those of the account's call log, and permissions those of the moment in which it is asked.
 */
export const GetServiceLastAccessedDetails = operation<
  GetServiceLastAccessedDetailsCommandInput,
  GetServiceLastAccessedDetailsCommandOutput
>({
  access: () => ({ action: 'iam:GetServiceLastAccessedDetails', resource: '*' }),
  async run(ctx, input) {
    const report = ctx.state.get(accessReports, ctx, input.JobId!);
    const subject = report && findSubject(ctx, report.arn);
    if (!report || !subject) throw noSuchEntity(`Job with ID ${input.JobId} not found`);
    const names = await knownServices();
    const tried = attempts(ctx.cloud.calls.list(), subject.entities, report.created);
    const services = [...servicesOf(subject.policies, names.keys())].map((service): ServiceLastAccessed => {
      const found = tried.get(service);
      return {
        ServiceName: names.get(service)!,
        ServiceNamespace: service,
        TotalAuthenticatedEntities: found?.who.size ?? 0,
        ...(found && {
          LastAuthenticated: new Date(found.last.eventTime),
          LastAuthenticatedEntity: found.entity,
          LastAuthenticatedRegion: found.last.awsRegion,
        }),
      };
    });
    const { page, rest } = pageOf(services, ({ ServiceNamespace }) => ServiceNamespace!, input);
    return {
      JobStatus: 'COMPLETED',
      JobType: 'SERVICE_LEVEL',
      JobCreationDate: new Date(report.created),
      JobCompletionDate: new Date(report.created),
      ServicesLastAccessed: page,
      ...rest,
    };
  },
});
