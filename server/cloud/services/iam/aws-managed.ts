import { createHash } from 'node:crypto';
import type { NamedPolicy } from '../../policy/types.ts';
import data from './aws-managed-policies.json' with { type: 'json' };
import { policyDocument } from './documents.ts';

/**
 * A policy that AWS publishes and keeps. Only policies whose whole document is shipped are listed.
 * Source: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
 */
export interface AwsManagedPolicy {
  arn: string;
  policyName: string;
  /** `ANPA…` */
  policyId: string;
  /** `/` or `/service-role/` */
  path: string;
  description: string;
  /** Milliseconds: when the version was published. */
  date: number;
  /** `v3` */
  versionId: string;
  /** JSON text. */
  document: string;
  named: NamedPolicy;
}

interface Row {
  name: string;
  path?: string;
  version: string;
  date: string;
  description: string;
  document: object;
}

const prefix = 'arn:aws:iam::aws:policy';
const rows = new Map((data.policies as Row[]).map((row) => [`${prefix}${row.path ?? '/'}${row.name}`, row]));
const made = new Map<string, AwsManagedPolicy>();

/** The policy of an `arn:aws:iam::aws:policy/…`; undefined for policies that the range does not ship. */
export function findAwsManagedPolicy(arn: string): AwsManagedPolicy | undefined {
  const found = made.get(arn);
  if (found) return found;
  const row = rows.get(arn);
  if (!row) return undefined;
  const document = JSON.stringify(row.document, undefined, 4);
  const policy: AwsManagedPolicy = {
    arn,
    policyName: row.name,
    policyId: policyIdOf(arn),
    path: row.path ?? '/',
    description: row.description,
    // differs from AWS: CreateDate is that of the default version, not that of the first one.
    date: Date.parse(row.date),
    versionId: row.version,
    document,
    named: { name: `managed policy ${row.name}`, document: policyDocument(document) },
  };
  made.set(arn, policy);
  return policy;
}

/** Every AWS managed policy of the range, ordered by ARN. */
export function awsManagedPolicies(): AwsManagedPolicy[] {
  return [...rows.keys()].sort().map((arn) => findAwsManagedPolicy(arn)!);
}

/** differs from AWS: AWS's own ids of its policies are not known here; these are made of the ARN. */
function policyIdOf(arn: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const digest = createHash('sha256').update(arn).digest().subarray(0, 17);
  return `ANPA${[...digest].map((byte) => alphabet[byte & 31]).join('')}`;
}
