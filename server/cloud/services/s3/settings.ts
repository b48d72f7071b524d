import type * as S3 from '@aws-sdk/client-s3';
import { operation } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import { type BucketInput, bucketAccess, getBucket } from './access.ts';
import { malformedXml } from './errors.ts';
import { type BucketRecord, saveBucket } from './tables.ts';

/**
 * Configurations that S3 keeps and gives back; what they would do (expire objects, answer preflights, serve pages, write
 * logs) is not emulated. differs from AWS: lifecycle, CORS, website, logging and acceleration have no effect.
 */
type Setting = { [key: string]: unknown };

/** Dates and absent members do not belong into records: what is kept is plain JSON. */
function keep(bucket: BucketRecord, name: string, value: object): BucketRecord {
  return { ...bucket, settings: { ...bucket.settings, [name]: JSON.parse(JSON.stringify(value)) as Setting } };
}

function drop(bucket: BucketRecord, name: string): BucketRecord {
  const { [name]: _gone, ...settings } = bucket.settings ?? {};
  return { ...bucket, settings };
}

function kept<T>(bucket: BucketRecord, name: string, missing: [code: string, message: string]): T {
  const value = bucket.settings?.[name];
  if (!value) throw new AwsError(missing[0], missing[1], 404, { BucketName: bucket.name });
  return structuredClone(value) as T;
}

/** The three operations on one such configuration. `read` gives the part of the input that is kept. */
function setting<PutInput extends BucketInput, Output>(definition: {
  name: string;
  put: string;
  get: string;
  delete?: string;
  missing: [code: string, message: string];
  read: (input: PutInput) => object | undefined;
}) {
  const { name, missing } = definition;
  return {
    put: operation<PutInput, object>({
      access: (ctx, input) => bucketAccess(ctx, input, definition.put),
      run(ctx, input) {
        const value = definition.read(input);
        if (!value) throw malformedXml();
        saveBucket(ctx.state, keep(getBucket(ctx, input), name, value));
        return {};
      },
    }),
    get: operation<BucketInput, Output & object>({
      access: (ctx, input) => bucketAccess(ctx, input, definition.get),
      run: (ctx, input) => kept<Output & object>(getBucket(ctx, input), name, missing),
    }),
    delete: operation<BucketInput, object>({
      access: (ctx, input) => bucketAccess(ctx, input, definition.delete ?? definition.put),
      run(ctx, input) {
        saveBucket(ctx.state, drop(getBucket(ctx, input), name));
        return {};
      },
    }),
  };
}

const cors = setting<S3.PutBucketCorsCommandInput, S3.GetBucketCorsOutput>({
  name: 'cors',
  put: 'PutBucketCORS',
  get: 'GetBucketCORS',
  missing: ['NoSuchCORSConfiguration', 'The CORS configuration does not exist'],
  read({ CORSConfiguration }) {
    const CORSRules = CORSConfiguration?.CORSRules;
    if (!CORSRules?.length || CORSRules.length > 100) return undefined;
    const methods = ['GET', 'PUT', 'HEAD', 'POST', 'DELETE'];
    for (const { AllowedMethods, AllowedOrigins } of CORSRules) {
      if (!AllowedOrigins?.length || !AllowedMethods?.length) return undefined;
      const strange = AllowedMethods.find((method) => !methods.includes(method));
      if (strange !== undefined)
        throw new AwsError(
          'InvalidRequest',
          `Found unsupported HTTP method in CORS config. Unsupported method is ${strange}`,
          400,
        );
    }
    return { CORSRules };
  },
});
export const PutBucketCors = cors.put;
export const GetBucketCors = cors.get;
export const DeleteBucketCors = cors.delete;

const website = setting<S3.PutBucketWebsiteCommandInput, S3.GetBucketWebsiteOutput>({
  name: 'website',
  put: 'PutBucketWebsite',
  get: 'GetBucketWebsite',
  delete: 'DeleteBucketWebsite',
  missing: ['NoSuchWebsiteConfiguration', 'The specified bucket does not have a website configuration'],
  read: ({ WebsiteConfiguration: w }) => (w && (w.IndexDocument || w.RedirectAllRequestsTo) ? w : undefined),
});
export const PutBucketWebsite = website.put;
export const GetBucketWebsite = website.get;
export const DeleteBucketWebsite = website.delete;

const lifecycle = setting<S3.PutBucketLifecycleConfigurationCommandInput, S3.GetBucketLifecycleConfigurationOutput>({
  name: 'lifecycle',
  put: 'PutLifecycleConfiguration',
  get: 'GetLifecycleConfiguration',
  missing: ['NoSuchLifecycleConfiguration', 'The lifecycle configuration does not exist'],
  read({ LifecycleConfiguration }) {
    const Rules = LifecycleConfiguration?.Rules;
    if (!Rules?.length || Rules.length > 1000) return undefined;
    if (Rules.some(({ Status }) => Status !== 'Enabled' && Status !== 'Disabled')) return undefined;
    const named = Rules.map((rule, i) => ({ ...rule, ID: rule.ID ?? `rule-${i + 1}` }));
    if (new Set(named.map(({ ID }) => ID)).size !== named.length)
      throw new AwsError('InvalidArgument', 'Rule ID must be unique. Found same ID for more than one rule', 400);
    return { Rules: named, TransitionDefaultMinimumObjectSize: 'all_storage_classes_128K' };
  },
});
export const PutBucketLifecycleConfiguration = lifecycle.put;
export const DeleteBucketLifecycle = lifecycle.delete;
export const GetBucketLifecycleConfiguration = operation<
  S3.GetBucketLifecycleConfigurationCommandInput,
  S3.GetBucketLifecycleConfigurationCommandOutput
>({
  access: lifecycle.get.access,
  async run(ctx, input) {
    const output = (await lifecycle.get.run(ctx, input)) as S3.GetBucketLifecycleConfigurationOutput;
    const dated = <T extends { Date?: Date | undefined }>(part: T): T =>
      part.Date ? { ...part, Date: new Date(part.Date) } : part;
    const Rules = (output.Rules ?? []).map((rule) => ({
      ...rule,
      ...(rule.Expiration ? { Expiration: dated(rule.Expiration) } : {}),
      ...(rule.Transitions ? { Transitions: rule.Transitions.map(dated) } : {}),
    }));
    return { ...output, Rules };
  },
});

/** Configurations that Terraform reads of every bucket and that are never there, as nothing can put them. */
export const GetBucketReplication = setting<BucketInput, S3.GetBucketReplicationOutput>({
  name: 'replication',
  put: 'PutReplicationConfiguration',
  get: 'GetReplicationConfiguration',
  missing: ['ReplicationConfigurationNotFoundError', 'The replication configuration was not found'],
  read: () => undefined,
}).get;
export const GetObjectLockConfiguration = setting<BucketInput, S3.GetObjectLockConfigurationOutput>({
  name: 'objectLock',
  put: 'PutBucketObjectLockConfiguration',
  get: 'GetBucketObjectLockConfiguration',
  missing: ['ObjectLockConfigurationNotFoundError', 'Object Lock configuration does not exist for this bucket'],
  read: () => undefined,
}).get;

export const PutBucketLogging = operation<S3.PutBucketLoggingCommandInput, S3.PutBucketLoggingCommandOutput>({
  access: (ctx, input) => bucketAccess(ctx, input, 'PutBucketLogging'),
  run(ctx, input) {
    const LoggingEnabled = input.BucketLoggingStatus?.LoggingEnabled;
    const bucket = getBucket(ctx, input);
    saveBucket(ctx.state, LoggingEnabled ? keep(bucket, 'logging', { LoggingEnabled }) : drop(bucket, 'logging'));
    return {};
  },
});
export const GetBucketLogging = operation<S3.GetBucketLoggingCommandInput, S3.GetBucketLoggingCommandOutput>({
  access: (ctx, input) => bucketAccess(ctx, input, 'GetBucketLogging'),
  run: (ctx, input) => structuredClone(getBucket(ctx, input).settings?.logging ?? {}),
});

export const PutBucketAccelerateConfiguration = operation<
  S3.PutBucketAccelerateConfigurationCommandInput,
  S3.PutBucketAccelerateConfigurationCommandOutput
>({
  access: (ctx, input) => bucketAccess(ctx, input, 'PutAccelerateConfiguration'),
  run(ctx, input) {
    const Status = input.AccelerateConfiguration?.Status;
    if (Status !== 'Enabled' && Status !== 'Suspended') throw malformedXml();
    const bucket = getBucket(ctx, input);
    if (bucket.name.includes('.'))
      throw new AwsError(
        'InvalidRequest',
        'S3 Transfer Acceleration is not supported for buckets with periods (.) in their names',
        400,
      );
    saveBucket(ctx.state, keep(bucket, 'accelerate', { Status }));
    return {};
  },
});
export const GetBucketAccelerateConfiguration = operation<
  S3.GetBucketAccelerateConfigurationCommandInput,
  S3.GetBucketAccelerateConfigurationCommandOutput
>({
  access: (ctx, input) => bucketAccess(ctx, input, 'GetAccelerateConfiguration'),
  run: (ctx, input) => structuredClone(getBucket(ctx, input).settings?.accelerate ?? {}),
});

export const PutBucketRequestPayment = operation<
  S3.PutBucketRequestPaymentCommandInput,
  S3.PutBucketRequestPaymentCommandOutput
>({
  access: (ctx, input) => bucketAccess(ctx, input, 'PutBucketRequestPayment'),
  run(ctx, input) {
    const Payer = input.RequestPaymentConfiguration?.Payer;
    if (Payer !== 'BucketOwner' && Payer !== 'Requester') throw malformedXml();
    saveBucket(ctx.state, keep(getBucket(ctx, input), 'requestPayment', { Payer }));
    return {};
  },
});
export const GetBucketRequestPayment = operation<
  S3.GetBucketRequestPaymentCommandInput,
  S3.GetBucketRequestPaymentCommandOutput
>({
  access: (ctx, input) => bucketAccess(ctx, input, 'GetBucketRequestPayment'),
  run: (ctx, input) => structuredClone(getBucket(ctx, input).settings?.requestPayment ?? { Payer: 'BucketOwner' }),
});
