import * as S3 from '@aws-sdk/client-s3';
import type { BucketRecord } from '../../../services/s3/tables.ts';
import type { Source } from '../../types.ts';

type Settings = NonNullable<BucketRecord['settings']>;

/** What an endpoint that lacks an operation says, besides the name of what is not there. */
const unserved = ['NoSuchBucket', 'NotImplemented', 'InternalFailure'];

/** Configurations that S3 keeps and gives back, by the names that records have for them. */
export async function readSettings(source: Source, Bucket: string): Promise<Settings> {
  const s3 = source.client(S3.S3Client);
  const read = <T>(what: string, absent: string, ask: () => Promise<T>): Promise<T | undefined> =>
    source.read(`the ${what} of bucket ${Bucket}`, ask, [absent, ...unserved]);
  const [cors, website, lifecycle, logging, accelerate, payment] = await Promise.all([
    read('CORS rules', 'NoSuchCORSConfiguration', () => s3.send(new S3.GetBucketCorsCommand({ Bucket }))),
    read('website', 'NoSuchWebsiteConfiguration', () => s3.send(new S3.GetBucketWebsiteCommand({ Bucket }))),
    read('lifecycle', 'NoSuchLifecycleConfiguration', () =>
      s3.send(new S3.GetBucketLifecycleConfigurationCommand({ Bucket })),
    ),
    read('logging', 'NoSuchBucket', () => s3.send(new S3.GetBucketLoggingCommand({ Bucket }))),
    read('acceleration', 'NoSuchBucket', () => s3.send(new S3.GetBucketAccelerateConfigurationCommand({ Bucket }))),
    read('request payment', 'NoSuchBucket', () => s3.send(new S3.GetBucketRequestPaymentCommand({ Bucket }))),
  ]);
  const found: Settings = {};
  const keep = (name: string, value: object | undefined): void => {
    if (value) found[name] = JSON.parse(JSON.stringify(value));
  };
  if (cors?.CORSRules?.length) keep('cors', { CORSRules: cors.CORSRules });
  keep('website', website && without(website));
  if (lifecycle?.Rules?.length)
    keep('lifecycle', {
      Rules: lifecycle.Rules.map(withoutEmptyPrefix),
      TransitionDefaultMinimumObjectSize: lifecycle.TransitionDefaultMinimumObjectSize ?? 'all_storage_classes_128K',
    });
  if (logging?.LoggingEnabled) keep('logging', { LoggingEnabled: logging.LoggingEnabled });
  if (accelerate?.Status) keep('accelerate', { Status: accelerate.Status });
  // Without any, the owner pays; whether somebody said so, only a mirror knows.
  if (payment?.Payer === 'Requester') keep('requestPayment', { Payer: payment.Payer });
  return found;
}

function without({ $metadata: _, ...rest }: S3.GetBucketWebsiteCommandOutput): object | undefined {
  return rest.IndexDocument || rest.RedirectAllRequestsTo ? rest : undefined;
}

/** Some endpoints add the old member beside a filter. */
function withoutEmptyPrefix({ Prefix, ...rule }: S3.LifecycleRule): S3.LifecycleRule {
  return Prefix === undefined || (Prefix === '' && rule.Filter) ? rule : { ...rule, Prefix };
}
