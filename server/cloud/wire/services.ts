/** How AWS speaks to each service: protocol, names on the wire, and the form of its refusals. */
export interface WireService {
  /** Registry key and folder under services/. */
  id: string;
  /** The SDK package whose schemas describe the service. */
  sdk: string;
  protocol: 'query' | 'ec2' | 'json' | 'rest-json' | 'rest-xml';
  /** awsJson version. */
  jsonVersion?: '1.0' | '1.1';
  /** The prefix of X-Amz-Target. */
  target?: string;
  xmlNamespace?: string;
  /** The service in a signature's credential scope. */
  signingName: string;
  /** Set where two services sign with one name and differ by path. */
  pathPrefix?: string;
  /** Host labels: `sqs.us-east-1.amazonaws.com`. */
  hosts: string[];
  /** CloudTrail's eventSource. */
  eventSource: string;
  /** awsQueryCompatible: errors also carry the old query codes. */
  queryCompatible?: boolean;
  accessDenied: { code: string; status: number; prefix?: string };
  /** How a missing member is refused, where not by "1 validation error detected: …". */
  missing?: { code: string; message(member: string): string };
  /** The same for a value that breaks a constraint. */
  invalid?: { code: string; message(member: string, value: unknown, rule: string): string };
}

const jsonDenied = { code: 'AccessDeniedException', status: 400 };
const queryDenied = { code: 'AccessDenied', status: 403 };
const restDenied = { code: 'AccessDeniedException', status: 403 };

const missingParameter = (end: '' | '.') => ({
  code: 'MissingParameter',
  message: (member: string) => `The request must contain the parameter ${member}${end}`,
});

/** As EC2 words it: "Value ( 4 ) for parameter maxResults is invalid. Expecting a value greater than 5." */
const invalidParameterValue = {
  code: 'InvalidParameterValue',
  message(member: string, value: unknown, rule: string) {
    const [, side, bound] = /value (greater|less) than or equal to (-?\d+)$/.exec(rule) ?? [];
    if (bound === undefined) return `Value (${value}) for parameter ${member} is invalid.`;
    return `Value ( ${value} ) for parameter ${member} is invalid. Expecting a value ${side} than ${bound}.`;
  },
};

const badRequest = {
  code: 'BadRequestException',
  message: (member: string, value: unknown) => `Invalid value '${value}' for ${member}`,
};

/** One row a service; the order is that of the documentation page that is generated from it. */
export const wireServices: readonly WireService[] = [
  {
    id: 'iam',
    sdk: '@aws-sdk/client-iam',
    protocol: 'query',
    xmlNamespace: 'https://iam.amazonaws.com/doc/2010-05-08/',
    signingName: 'iam',
    hosts: ['iam'],
    eventSource: 'iam.amazonaws.com',
    accessDenied: queryDenied,
  },
  {
    id: 'sts',
    sdk: '@aws-sdk/client-sts',
    protocol: 'query',
    xmlNamespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
    signingName: 'sts',
    hosts: ['sts'],
    eventSource: 'sts.amazonaws.com',
    accessDenied: queryDenied,
  },
  {
    id: 'lambda',
    sdk: '@aws-sdk/client-lambda',
    protocol: 'rest-json',
    signingName: 'lambda',
    hosts: ['lambda'],
    eventSource: 'lambda.amazonaws.com',
    accessDenied: restDenied,
  },
  {
    id: 's3',
    sdk: '@aws-sdk/client-s3',
    protocol: 'rest-xml',
    xmlNamespace: 'http://s3.amazonaws.com/doc/2006-03-01/',
    signingName: 's3',
    hosts: ['s3'],
    eventSource: 's3.amazonaws.com',
    accessDenied: queryDenied,
  },
  {
    id: 'sqs',
    sdk: '@aws-sdk/client-sqs',
    protocol: 'json',
    jsonVersion: '1.0',
    target: 'AmazonSQS',
    signingName: 'sqs',
    hosts: ['sqs', 'queue'],
    eventSource: 'sqs.amazonaws.com',
    queryCompatible: true,
    accessDenied: { code: 'AccessDenied', status: 403 },
    missing: missingParameter('.'),
  },
  {
    id: 'sns',
    sdk: '@aws-sdk/client-sns',
    protocol: 'query',
    xmlNamespace: 'http://sns.amazonaws.com/doc/2010-03-31/',
    signingName: 'sns',
    hosts: ['sns'],
    eventSource: 'sns.amazonaws.com',
    accessDenied: { code: 'AuthorizationError', status: 403 },
  },
  {
    id: 'secretsmanager',
    sdk: '@aws-sdk/client-secrets-manager',
    protocol: 'json',
    jsonVersion: '1.1',
    target: 'secretsmanager',
    signingName: 'secretsmanager',
    hosts: ['secretsmanager'],
    eventSource: 'secretsmanager.amazonaws.com',
    accessDenied: jsonDenied,
  },
  {
    id: 'ssm',
    sdk: '@aws-sdk/client-ssm',
    protocol: 'json',
    jsonVersion: '1.1',
    target: 'AmazonSSM',
    signingName: 'ssm',
    hosts: ['ssm'],
    eventSource: 'ssm.amazonaws.com',
    accessDenied: jsonDenied,
  },
  {
    id: 'kms',
    sdk: '@aws-sdk/client-kms',
    protocol: 'json',
    jsonVersion: '1.1',
    target: 'TrentService',
    signingName: 'kms',
    hosts: ['kms'],
    eventSource: 'kms.amazonaws.com',
    accessDenied: jsonDenied,
  },
  {
    id: 'logs',
    sdk: '@aws-sdk/client-cloudwatch-logs',
    protocol: 'json',
    jsonVersion: '1.1',
    target: 'Logs_20140328',
    signingName: 'logs',
    hosts: ['logs'],
    eventSource: 'logs.amazonaws.com',
    accessDenied: jsonDenied,
  },
  {
    id: 'ec2',
    sdk: '@aws-sdk/client-ec2',
    protocol: 'ec2',
    xmlNamespace: 'http://ec2.amazonaws.com/doc/2016-11-15/',
    signingName: 'ec2',
    hosts: ['ec2'],
    eventSource: 'ec2.amazonaws.com',
    accessDenied: {
      code: 'UnauthorizedOperation',
      status: 403,
      prefix: 'You are not authorized to perform this operation. ',
    },
    missing: missingParameter(''),
    invalid: invalidParameterValue,
  },
  {
    id: 'apigateway',
    sdk: '@aws-sdk/client-api-gateway',
    protocol: 'rest-json',
    signingName: 'apigateway',
    hosts: ['apigateway'],
    eventSource: 'apigateway.amazonaws.com',
    accessDenied: restDenied,
    invalid: badRequest,
  },
  {
    id: 'apigatewayv2',
    sdk: '@aws-sdk/client-apigatewayv2',
    protocol: 'rest-json',
    signingName: 'apigateway',
    pathPrefix: '/v2/',
    hosts: ['apigateway'],
    eventSource: 'apigateway.amazonaws.com',
    accessDenied: restDenied,
    invalid: badRequest,
  },
  {
    id: 'rds',
    sdk: '@aws-sdk/client-rds',
    protocol: 'query',
    xmlNamespace: 'http://rds.amazonaws.com/doc/2014-10-31/',
    signingName: 'rds',
    hosts: ['rds'],
    eventSource: 'rds.amazonaws.com',
    accessDenied: queryDenied,
    missing: missingParameter('.'),
    invalid: invalidParameterValue,
  },
  {
    id: 'rds-data',
    sdk: '@aws-sdk/client-rds-data',
    protocol: 'rest-json',
    signingName: 'rds-data',
    hosts: ['rds-data'],
    eventSource: 'rdsdata.amazonaws.com',
    accessDenied: restDenied,
  },
  {
    id: 'dynamodb',
    sdk: '@aws-sdk/client-dynamodb',
    protocol: 'json',
    jsonVersion: '1.0',
    target: 'DynamoDB_20120810',
    signingName: 'dynamodb',
    hosts: ['dynamodb'],
    eventSource: 'dynamodb.amazonaws.com',
    accessDenied: jsonDenied,
  },
  {
    id: 'dynamodbstreams',
    sdk: '@aws-sdk/client-dynamodb-streams',
    protocol: 'json',
    jsonVersion: '1.0',
    target: 'DynamoDBStreams_20120810',
    signingName: 'dynamodb',
    hosts: ['streams', 'dynamodb-streams'],
    eventSource: 'dynamodb.amazonaws.com',
    accessDenied: jsonDenied,
  },
  {
    id: 'events',
    sdk: '@aws-sdk/client-eventbridge',
    protocol: 'json',
    jsonVersion: '1.1',
    target: 'AWSEvents',
    signingName: 'events',
    hosts: ['events'],
    eventSource: 'events.amazonaws.com',
    accessDenied: jsonDenied,
  },
  {
    id: 'cloudtrail',
    sdk: '@aws-sdk/client-cloudtrail',
    protocol: 'json',
    jsonVersion: '1.1',
    target: 'CloudTrail_20131101',
    signingName: 'cloudtrail',
    hosts: ['cloudtrail'],
    eventSource: 'cloudtrail.amazonaws.com',
    accessDenied: jsonDenied,
  },
  {
    id: 'accessanalyzer',
    sdk: '@aws-sdk/client-accessanalyzer',
    protocol: 'rest-json',
    signingName: 'access-analyzer',
    hosts: ['access-analyzer'],
    eventSource: 'access-analyzer.amazonaws.com',
    accessDenied: restDenied,
  },
];

const byId = new Map(wireServices.map((service) => [service.id, service]));

/** The row of a service; throws for a service that has none, which is a mistake of ours. */
export function wireOf(id: string): WireService {
  const found = byId.get(id);
  if (!found) throw new Error(`no wire service ${id}`);
  return found;
}
