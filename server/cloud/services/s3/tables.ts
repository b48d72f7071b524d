import { createHash } from 'node:crypto';
import type { StateReader, StateWriter } from '../../state/account-state.ts';
import { defineTable, type Scope } from '../../state/table.ts';
import type { Tags } from '../../tags.ts';

/** The four switches of Block Public Access, of one bucket. */
export interface PublicAccessBlock {
  blockPublicAcls: boolean;
  ignorePublicAcls: boolean;
  blockPublicPolicy: boolean;
  restrictPublicBuckets: boolean;
}

export type EncryptionAlgorithm = 'AES256' | 'aws:kms' | 'aws:kms:dsse';

/** The default encryption of a bucket. */
export interface BucketEncryption {
  algorithm: EncryptionAlgorithm;
  /** As given: id, ARN or alias. Absent: the key that S3 has in every account (`aws/s3`). */
  keyId?: string;
  bucketKey?: boolean;
  /** Writes with keys of the customer's own (SSE-C) are refused, as for every bucket made since 2026-04. */
  blocksCustomerKeys?: boolean;
}

/** Who an ACL grants what. `owner` stands for the bucket's account. */
export interface AclGrant {
  to: 'owner' | 'AllUsers' | 'AuthenticatedUsers' | 'LogDelivery' | { canonicalId: string };
  permission: 'FULL_CONTROL' | 'READ' | 'WRITE' | 'READ_ACP' | 'WRITE_ACP';
}

export type Ownership = 'BucketOwnerEnforced' | 'BucketOwnerPreferred' | 'ObjectWriter';

/** One rule of a notification configuration. */
export interface NotificationRule {
  id: string;
  kind: 'lambda' | 'sqs' | 'sns';
  arn: string;
  events: string[];
  /** Names as written (`prefix`, `Suffix` …), values as written. */
  filter?: { name: string; value: string }[];
}

export interface BucketRecord {
  name: string;
  /** The owner. */
  account: string;
  region: string;
  /** Milliseconds of the cloud's clock. */
  created: number;
  /** JSON text. */
  policy?: string;
  publicAccessBlock?: PublicAccessBlock;
  ownership?: Ownership;
  acl?: AclGrant[];
  encryption: BucketEncryption;
  versioning?: 'Enabled' | 'Suspended';
  tags?: Tags;
  notifications?: { rules: NotificationRule[]; eventBridge?: boolean };
  /** Configurations that are kept and given back as they were put, by the name of their operation. */
  settings?: { [name: string]: { [key: string]: unknown } };
}

/** One version of an object (or a delete marker). */
export interface ObjectRecord {
  key: string;
  /** `null` for what was written while versioning was not enabled. */
  versionId: string;
  /** The next older version of this key. */
  previous?: string;
  deleteMarker?: true;
  /** Milliseconds of the cloud's clock, in whole seconds as S3 keeps them. */
  modified: number;
  /** The body, in the cloud's blobs. '' for a delete marker. */
  sha256: string;
  size: number;
  /** Without quotes. */
  etag: string;
  /** Content-Type and the like, by member names of the SDK. */
  headers: { [name: string]: string };
  metadata: Record<string, string>;
  tags?: Tags;
  storageClass?: string;
  encryption: ObjectEncryption;
  checksum?: StoredChecksum;
  parts?: { size: number; checksum?: string }[];
  acl?: AclGrant[];
}

export interface ObjectEncryption {
  algorithm: EncryptionAlgorithm;
  /** ARN of the KMS key. */
  keyArn?: string;
  bucketKey?: boolean;
  /** Encrypted data key (base64): absent for AES256. */
  dataKey?: string;
  /** The encryption context that the data key was made with. */
  context?: Record<string, string>;
}

export interface StoredChecksum {
  algorithm: ChecksumName;
  /** Base64; for composite checksums followed by `-` and the number of parts. */
  value: string;
  type: 'FULL_OBJECT' | 'COMPOSITE';
}

export type ChecksumName = 'CRC32' | 'CRC32C' | 'CRC64NVME' | 'SHA1' | 'SHA256' | 'SHA512' | 'MD5';

/** An upload in parts that was begun; what it will make, without its bytes. */
export interface UploadRecord {
  id: string;
  key: string;
  /** Milliseconds of the cloud's clock. */
  initiated: number;
  initiator: string;
  headers: { [name: string]: string };
  metadata: Record<string, string>;
  tags?: Tags;
  storageClass?: string;
  encryption: ObjectEncryption;
  acl?: AclGrant[];
  checksum?: { algorithm: ChecksumName; type: 'FULL_OBJECT' | 'COMPOSITE' };
}

export interface PartRecord {
  number: number;
  sha256: string;
  size: number;
  etag: string;
  modified: number;
  checksum?: string;
}

/** Id: the bucket's name. */
export const buckets = defineTable<BucketRecord>('s3.buckets', { global: true });
/** The current version of each key. Scope: `objectScope`; id: the key. */
export const objects = defineTable<ObjectRecord>('s3.objects');
/** The older versions. Scope: `objectScope`; id: `versionRecordId`. */
export const versions = defineTable<ObjectRecord>('s3.versions');
/** Scope: `objectScope`; id: the upload's. */
export const uploads = defineTable<UploadRecord>('s3.uploads');
/** Scope: `objectScope`; id: `partRecordId`. */
export const parts = defineTable<PartRecord>('s3.parts');

/** Where the objects of a bucket are: its name stands for the region, so that a listing reads one bucket only. */
export const objectScope = (bucket: Pick<BucketRecord, 'account' | 'name'>): Scope => ({
  account: bucket.account,
  region: bucket.name,
});

export const versionRecordId = (key: string, versionId: string): string => `${key}\u0000${versionId}`;
export const partRecordId = (uploadId: string, part: number): string => `${uploadId}/${String(part).padStart(5, '0')}`;

export const bucketArn = (name: string): string => `arn:aws:s3:::${name}`;
export const objectArn = (bucket: string, key: string): string => `arn:aws:s3:::${bucket}/${key}`;

/** The bucket of this name, whoever owns it: names are global over the accounts of a cloud. */
export function findBucket(state: StateReader, name: string): BucketRecord | undefined {
  for (const { id, value } of state.all(buckets)) if (id === name) return value;
  return undefined;
}

export function saveBucket(state: StateWriter, bucket: BucketRecord): void {
  state.put(buckets, { account: bucket.account, region: '' }, bucket.name, bucket);
}

/** The current version of an object; undefined also where a delete marker hides it. */
export function findObject(state: StateReader, bucketName: string, key: string): ObjectRecord | undefined {
  const bucket = findBucket(state, bucketName);
  const found = bucket && state.get(objects, objectScope(bucket), key);
  return found?.deleteMarker ? undefined : found;
}

/** The canonical user id of an account: 64 hex digits. */
export const canonicalId = (account: string): string =>
  createHash('sha256').update(`canonical user ${account}`).digest('hex');
