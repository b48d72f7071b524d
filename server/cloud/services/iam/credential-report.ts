import type {
  GenerateCredentialReportCommandInput,
  GenerateCredentialReportCommandOutput,
  GetCredentialReportCommandInput,
  GetCredentialReportCommandOutput,
} from '@aws-sdk/client-iam';
import type { CallRecord } from '../../call-log.ts';
import { type CallContext, operation } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import { defineTable } from '../../state/table.ts';
import { listIdentities } from './identities.ts';
import { type AccessKeyRecord, accessKeys } from './tables.ts';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html */

/** The last report of an account; its id is `report`. */
export const credentialReports = defineTable<{ generated: number; text: string }>('iam.credentialReports', {
  global: true,
});

/** For so long AWS makes no new one, and hands out the old one. */
const kept = 4 * 3_600_000;

const everything = (action: string) => () => ({ action: `iam:${action}`, resource: '*' });

const columns = [
  ...['user', 'arn', 'user_creation_time'],
  ...['password_enabled', 'password_last_used', 'password_last_changed', 'password_next_rotation', 'mfa_active'],
  ...[1, 2].flatMap((n) =>
    ['active', 'last_rotated', 'last_used_date', 'last_used_region', 'last_used_service'].map(
      (what) => `access_key_${n}_${what}`,
    ),
  ),
  ...['cert_1_active', 'cert_1_last_rotated', 'cert_2_active', 'cert_2_last_rotated'],
];

/** Names may hold commas. */
const quoted = (text: string): string => (text.includes(',') ? `"${text}"` : text);

/** `2025-01-02T03:04:05+00:00` */
const timeOf = (at: number | string): string => `${new Date(at).toISOString().slice(0, 19)}+00:00`;

interface Key {
  id: string;
  value: AccessKeyRecord;
}

function keyColumns(keys: readonly Key[], lastUses: ReadonlyMap<string, CallRecord>): string[] {
  return [0, 1].flatMap((n) => {
    const key = keys[n];
    if (!key) return ['false', 'N/A', 'N/A', 'N/A', 'N/A'];
    const used = lastUses.get(key.id);
    return [
      String(key.value.status === 'Active'),
      timeOf(key.value.createDate),
      ...(used
        ? [timeOf(used.eventTime), used.awsRegion, used.eventSource.slice(0, used.eventSource.indexOf('.'))]
        : ['N/A', 'N/A', 'N/A']),
    ];
  });
}

/** No user has a password, an MFA device or a certificate here: none can be made. */
function reportOf(ctx: CallContext): string {
  const lastUses = new Map<string, CallRecord>();
  for (const record of ctx.cloud.calls.list())
    if (record.userIdentity.accessKeyId) lastUses.set(record.userIdentity.accessKeyId, record);
  const keys = new Map<string, Key[]>();
  for (const { id, value } of ctx.state.list(accessKeys, ctx)) {
    const owner = value.userName ?? '';
    keys.set(owner, [...(keys.get(owner) ?? []), { id, value }]);
  }
  const keysOf = (owner: string): string[] => keyColumns(keys.get(owner) ?? [], lastUses);
  const certificates = ['false', 'N/A', 'false', 'N/A'];
  const root = [
    ...['<root_account>', `arn:aws:iam::${ctx.account}:root`, timeOf(0)],
    ...['not_supported', 'no_information', 'not_supported', 'not_supported', 'false'],
    ...[...keysOf(''), ...certificates],
  ];
  const users = listIdentities(ctx, 'user').map((user) => [
    ...[user.userName, user.arn, timeOf(user.createDate)],
    ...['false', 'N/A', 'N/A', 'N/A', 'false'],
    ...[...keysOf(user.userName), ...certificates],
  ]);
  return [columns, root, ...users].map((row) => row.map(quoted).join(',')).join('\n');
}

/**
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_GenerateCredentialReport.html
 * differs from AWS: the report is there as soon as it is asked for.
 */
export const GenerateCredentialReport = operation<
  GenerateCredentialReportCommandInput,
  GenerateCredentialReportCommandOutput
>({
  access: everything('GenerateCredentialReport'),
  run(ctx) {
    const last = ctx.state.get(credentialReports, ctx, 'report');
    if (last && ctx.now - last.generated < kept) return { State: 'COMPLETE' };
    ctx.state.put(credentialReports, ctx, 'report', { generated: ctx.now, text: reportOf(ctx) });
    return { State: 'STARTED', Description: 'No report exists. Starting a new report generation task' };
  },
});

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetCredentialReport.html */
export const GetCredentialReport = operation<GetCredentialReportCommandInput, GetCredentialReportCommandOutput>({
  access: everything('GetCredentialReport'),
  run(ctx) {
    const report = ctx.state.get(credentialReports, ctx, 'report');
    if (!report) throw new AwsError('ReportNotPresent', 'No report exists. Please generate a new report.', 410);
    if (ctx.now - report.generated >= kept)
      throw new AwsError('ReportExpired', 'Report is expired. Please generate a new report.', 410);
    return {
      Content: Buffer.from(report.text),
      ReportFormat: 'text/csv',
      GeneratedTime: new Date(report.generated),
    };
  },
});
