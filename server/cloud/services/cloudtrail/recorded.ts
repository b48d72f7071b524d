import type { CallRecord } from '../../call-log.ts';
import type { Cloud } from '../../cloud.ts';
import { eventNameOf } from '../../gateway/describe-call.ts';
import { uuid } from '../../random.ts';
import { defineTable } from '../../state/table.ts';
import { wireOf } from '../../wire/services.ts';
import { iamScope, roles, users } from '../iam/tables.ts';

/** A call that a lab says was made before the account was handed over. */
export interface RecordedCall {
  /** Milliseconds before now. */
  ago: number;
  /** `dynamodb`, `Query`: a data event is kept, and CloudTrail says nothing of it. */
  service: string;
  operation: string;
  /** Who called: a session of a role, or a user. */
  by: { role: string; session: string } | { user: string };
  /** As the SDK names its members; no secrets. */
  input?: Record<string, unknown>;
  output?: Record<string, unknown>;
  error?: { code: string; message: string };
  sourceIp?: string;
  userAgent?: string;
  region?: string;
}

/** What one call of `recordCalls` brought, kept with the account: it survives restarts, and forks have it. */
export const recordedCalls = defineTable<{ calls: CallRecord[] }>('cloudtrail.recordedCalls', { global: true });

const mostCalls = 5_000;

/**
 * Gives an account a past: calls that CloudTrail, and what works with its events, then knows. For labs.
 * @throws Error for principals that are not there, and for more than 5,000 calls in an account
 */
export function recordCalls(cloud: Cloud, account: string, calls: readonly RecordedCall[]): void {
  const scope = { account, region: '' };
  const records = calls.map((call) => recordOf(cloud, account, call));
  cloud.transact((state) => {
    const before = state.list(recordedCalls, scope);
    const count = before.reduce((sum, { value }) => sum + value.calls.length, records.length);
    if (count > mostCalls) throw new Error(`${count} recorded calls in account ${account}: at most ${mostCalls}`);
    state.put(recordedCalls, scope, String(before.length).padStart(5, '0'), { calls: records });
  });
}

function recordOf(cloud: Cloud, account: string, call: RecordedCall): CallRecord {
  const { service, operation, input = {}, output, error } = call;
  return {
    eventID: uuid(cloud.random),
    eventTime: new Date(cloud.clock.now() - call.ago).toISOString(),
    eventSource: wireOf(service).eventSource,
    eventName: eventNameOf(service, operation),
    awsRegion: call.region ?? cloud.region,
    recipientAccountId: account,
    sourceIPAddress: call.sourceIp ?? '203.0.113.24',
    userAgent: call.userAgent ?? 'aws-sdk-js/3.943.0 ua/2.1 os/linux lang/js md/nodejs#22.11.0',
    userIdentity: identityOf(cloud, account, call),
    requestID: uuid(cloud.random),
    requestParameters: input,
    ...(output ? { responseElements: output } : {}),
    readOnly: /^(Get|List|Describe|Head|Lookup|Query|Scan|BatchGet|AssumeRole)/.test(operation),
    ...(error ? { errorCode: error.code, errorMessage: error.message } : {}),
    durationMs: 0,
  };
}

function identityOf(cloud: Cloud, account: string, { by, ago }: RecordedCall): CallRecord['userIdentity'] {
  if ('user' in by) {
    const user = cloud.state.get(users, iamScope(account), by.user);
    if (!user) throw new Error(`no user ${by.user} in account ${account}`);
    return { type: 'IAMUser', arn: user.arn, accountId: account, principalId: user.userId };
  }
  const role = cloud.state.get(roles, iamScope(account), by.role);
  if (!role) throw new Error(`no role ${by.role} in account ${account}`);
  return {
    type: 'AssumedRole',
    arn: `arn:aws:sts::${account}:assumed-role/${by.role}/${by.session}`,
    accountId: account,
    principalId: `${role.roleId}:${by.session}`,
    roleArn: role.arn,
    issued: new Date(cloud.clock.now() - ago - 60_000).toISOString(),
  };
}
