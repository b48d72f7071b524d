import type { PolicyDocument } from '../../policy/types.ts';
import { defineTable } from '../../state/table.ts';
import type { Tags } from '../../tags.ts';

/** What a function is at one version: code and configuration. `$LATEST` is replaced, published versions never change. */
export interface VersionRecord {
  functionName: string;
  /** `$LATEST` or a number. */
  version: string;
  description: string;
  runtime: string;
  role: string;
  handler: string;
  /** The package's name among the blobs (hex); `codeSha256` is AWS's base64 form of the same digest. */
  codeBlob: string;
  codeSha256: string;
  codeSize: number;
  /** Seconds. */
  timeout: number;
  /** MB. */
  memorySize: number;
  /** As AWS writes it: `2026-11-22T17:40:00.000+0000`. */
  lastModified: string;
  environment?: EnvironmentRecord;
  kmsKeyArn?: string;
  vpc?: VpcRecord;
  deadLetterArn?: string;
  tracing: 'Active' | 'PassThrough';
  layers: LayerUse[];
  architectures: string[];
  /** MB of /tmp. */
  ephemeralStorage: number;
  logging: LoggingRecord;
  snapStart: 'None' | 'PublishedVersions';
  /** The runtime version that it got when it was last updated, or when its mode was set. */
  runtimeVersion?: string;
  runtimeManagement?: { updateRuntimeOn: string; runtimeVersionArn?: string };
  revisionId: string;
}

export interface EnvironmentRecord {
  variables: Record<string, string>;
  /** With a customer key: proof, encrypted under it, that whoever reads the variables may decrypt. */
  proof?: string;
}

export interface VpcRecord {
  vpcId: string;
  subnetIds: string[];
  securityGroupIds: string[];
  ipv6: boolean;
}

export interface LayerUse {
  arn: string;
  codeSize: number;
  /** Blob; absent for AWS's own Parameters and Secrets extension, whose place the runtime takes. */
  blob?: string;
}

export interface LoggingRecord {
  format: 'Text' | 'JSON';
  applicationLogLevel?: string;
  systemLogLevel?: string;
  logGroup: string;
}

/** A function: what does not belong to one version of it. */
export interface FunctionRecord {
  name: string;
  latest: VersionRecord;
  /** The number that the next published version gets; numbers are never used twice. */
  nextVersion: number;
  tags: Tags;
  reservedConcurrency?: number;
  recursiveLoop: 'Allow' | 'Terminate';
  codeSigningConfigArn?: string;
}

export interface AliasRecord {
  functionName: string;
  name: string;
  version: string;
  description: string;
  /** version → share between 0 and 1. */
  weights: Record<string, number>;
  revisionId: string;
}

export interface PolicyRecord {
  document: PolicyDocument;
  revisionId: string;
}

export interface ProvisionedRecord {
  functionName: string;
  qualifier: string;
  requested: number;
  lastModified: string;
}

export interface CodeSigningRecord {
  id: string;
  arn: string;
  description: string;
  signingProfileVersionArns: string[];
  untrusted: 'Warn' | 'Enforce';
  lastModified: string;
  tags: Tags;
}

export const functions = defineTable<FunctionRecord>('lambda.functions');
/** `name:number`. */
export const versions = defineTable<VersionRecord>('lambda.versions');
/** `name:alias`. */
export const aliases = defineTable<AliasRecord>('lambda.aliases');
/** `name`, or `name:qualifier` for the policy of a version or alias. */
export const functionPolicies = defineTable<PolicyRecord>('lambda.functionPolicies');
/** `name:qualifier`. */
export const provisioned = defineTable<ProvisionedRecord>('lambda.provisionedConcurrency');
export const codeSigningConfigs = defineTable<CodeSigningRecord>('lambda.codeSigningConfigs');
