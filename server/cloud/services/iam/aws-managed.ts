import type { NamedPolicy } from '../../policy/types.ts';
import data from './aws-managed-policies.json' with { type: 'json' };
import { policyDocument } from './documents.ts';

/** A policy that AWS publishes and keeps; the documents are those of its policy reference. */
export interface AwsManagedPolicy {
  arn: string;
  policyName: string;
  /** `ANPA…` */
  policyId: string;
  path: string;
  description: string;
  /** ISO dates. */
  createDate: string;
  updateDate: string;
  /** `v3` */
  versionId: string;
  /** JSON text. */
  document: string;
  named: NamedPolicy;
}

interface Row {
  name: string;
  path?: string;
  id: string;
  description: string;
  created: string;
  updated: string;
  version: string;
  document: object;
}

const rows = new Map(
  (data.policies as Row[]).map((row) => [`arn:aws:iam::aws:policy${row.path ?? '/'}${row.name}`, row]),
);
const made = new Map<string, AwsManagedPolicy>();

/** `arn:aws:iam::aws:policy/…`; undefined for policies that the range does not ship. */
export function findAwsManagedPolicy(arn: string): AwsManagedPolicy | undefined {
  const found = made.get(arn);
  if (found) return found;
  const row = rows.get(arn);
  if (!row) return undefined;
  const document = JSON.stringify(row.document, undefined, 4);
  const policy: AwsManagedPolicy = {
    arn,
    policyName: row.name,
    policyId: row.id,
    path: row.path ?? '/',
    description: row.description,
    createDate: row.created,
    updateDate: row.updated,
    versionId: row.version,
    document,
    named: { name: `managed policy ${row.name}`, document: policyDocument(document) },
  };
  made.set(arn, policy);
  return policy;
}

/** Every AWS managed policy of the range, by ARN. */
export function awsManagedPolicies(): AwsManagedPolicy[] {
  return [...rows.keys()].sort().map((arn) => findAwsManagedPolicy(arn)!);
}
