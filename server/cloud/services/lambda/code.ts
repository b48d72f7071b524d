import { createHash } from 'node:crypto';
import type { CallContext } from '../../context.ts';
import { AwsError, NotEmulated } from '../../errors.ts';
import { inspectZip } from '../../runtime/zip.ts';
import { denied, invalidParameter } from './errors.ts';

/** A package as it was stored. */
export interface StoredCode {
  blob: string;
  /** Base64 of the SHA-256, as AWS shows it. */
  sha256: string;
  size: number;
}

interface CodeInput {
  ZipFile?: Uint8Array | undefined;
  S3Bucket?: string | undefined;
  S3Key?: string | undefined;
  S3ObjectVersion?: string | undefined;
  ImageUri?: string | undefined;
  SourceKMSKeyArn?: string | undefined;
  S3ObjectStorageMode?: string | undefined;
}

/** 50 MB zipped for direct uploads: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const directLimit = 52_428_800;

/** Reads a package from the request or, with the caller's rights, from S3, checks it and stores it among the blobs. */
export async function storeCode(ctx: CallContext, code: CodeInput): Promise<StoredCode> {
  if (code.ImageUri) throw new NotEmulated('container images: use a .zip file archive');
  if (code.SourceKMSKeyArn) throw new NotEmulated('packages encrypted under a customer key');
  if (code.S3ObjectStorageMode === 'REFERENCE') throw new NotEmulated('code that stays in its bucket');
  const fromS3 = code.S3Bucket !== undefined || code.S3Key !== undefined;
  if (code.ZipFile && fromS3)
    throw invalidParameter('Please do not provide other FunctionCode parameters when providing a ZipFile.');
  if (!code.ZipFile && !fromS3) throw invalidParameter('Please provide a source for function code.');
  const zip = code.ZipFile ?? (await fetchFromS3(ctx, code));
  if (zip.length === 0) throw invalidParameter('Uploaded file must be a non-empty zip');
  if (code.ZipFile && zip.length > directLimit)
    throw new AwsError(
      'RequestEntityTooLargeException',
      'Request must be smaller than 70167211 bytes for the CreateFunction operation',
      413,
    );
  const { files, problems } = inspectZip(zip);
  const [problem] = problems;
  if (problem?.startsWith('unzipped size')) throw invalidParameter(`U${problem.slice(1)}`);
  if (problem !== undefined)
    throw invalidParameter('Could not unzip uploaded file. Please check your file, then try to upload again.');
  if (files.length === 0) throw invalidParameter('Uploaded file must be a non-empty zip');
  const sha256 = createHash('sha256').update(zip).digest('base64');
  return { blob: ctx.cloud.blobs.put(zip), sha256, size: zip.length };
}

async function fetchFromS3(ctx: CallContext, { S3Bucket, S3Key, S3ObjectVersion }: CodeInput): Promise<Uint8Array> {
  if (!S3Bucket || !S3Key) throw invalidParameter('Please provide both S3Bucket and S3Key parameters.');
  try {
    const { Body } = await ctx.call<{ Body?: unknown }>('s3', 'GetObject', {
      Bucket: S3Bucket,
      Key: S3Key,
      ...(S3ObjectVersion ? { VersionId: S3ObjectVersion } : {}),
    });
    return Body instanceof Uint8Array ? Body : Buffer.alloc(0);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const detail = `S3 Error Code: ${error.code}. S3 Error Message: ${error.message}`;
    if (error.status === 403)
      throw denied(
        `Your access has been denied by S3, please make sure your request credentials have permission to GetObject for ${S3Bucket}/${S3Key}. ${detail}`,
      );
    throw invalidParameter(`Error occurred while GetObject. ${detail}`);
  }
}
