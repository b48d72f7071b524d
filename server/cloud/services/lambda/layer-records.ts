import type { NamedPolicy, PolicyDocument } from '../../policy/types.ts';
import { defineTable, type Scope } from '../../state/table.ts';

export interface LayerVersionRecord {
  layerName: string;
  version: number;
  description: string;
  licenseInfo?: string;
  /** ISO as AWS writes it. */
  createdDate: string;
  compatibleRuntimes: string[];
  compatibleArchitectures: string[];
  blob: string;
  codeSha256: string;
  codeSize: number;
  policy?: { document: PolicyDocument; revisionId: string };
}

/** `name:00000007`, so that the order of ids is that of the numbers. */
export const layerVersions = defineTable<LayerVersionRecord>('lambda.layerVersions');
/** How many versions of a layer were ever published: a deleted version's number is not used again. */
export const layerCounters = defineTable<{ last: number }>('lambda.layerCounters');

export const layerId = (name: string, version: number): string => `${name}:${String(version).padStart(8, '0')}`;
export const layerArn = (scope: Scope, name: string): string =>
  `arn:aws:lambda:${scope.region}:${scope.account}:layer:${name}`;

export interface LayerRef extends Scope {
  name: string;
  version: number;
  arn: string;
}

/** Reads the ARN of a layer version; undefined for anything else. */
export function parseLayerVersionArn(arn: string): LayerRef | undefined {
  if (arn.length > 300) return undefined;
  const match = /^arn:aws:lambda:([a-z]{2}(?:-gov)?-[a-z]+-\d):(\d{12}):layer:([a-zA-Z0-9_-]{1,140}):(\d{1,8})$/.exec(
    arn,
  );
  if (!match) return undefined;
  return { arn, region: match[1]!, account: match[2]!, name: match[3]!, version: Number(match[4]) };
}

/**
 * AWS's own Parameters and Secrets extension: its layer has no content here, as the runtime answers in its place.
 * Source: https://docs.aws.amazon.com/systems-manager/latest/userguide/ps-integration-lambda-extensions.html
 */
export const isSecretsExtension = (name: string): boolean =>
  name === 'AWS-Parameters-and-Secrets-Lambda-Extension' ||
  name === 'AWS-Parameters-and-Secrets-Lambda-Extension-Arm64';

export const layerPolicy = (record: LayerVersionRecord | undefined): NamedPolicy[] =>
  record?.policy
    ? [{ name: `policy of layer ${record.layerName}:${record.version}`, document: record.policy.document }]
    : [];
