/** The services of which AWS's front end words it as "1 validation error detected: …". */
export const modelled = [
  'iam',
  'sts',
  'lambda',
  'secretsmanager',
  'ssm',
  'kms',
  'logs',
  'dynamodb',
  'dynamodbstreams',
  'events',
  'accessanalyzer',
] as const;

/** `service.Structure.member`, or `service.*.member`: the service refuses these itself, in words of its own. */
export const answeredByTheService: readonly string[] = [];

/** Of these AWS takes more than the model says. */
export const aboveTheModel: readonly string[] = [];
