/**
 * Services of which AWS's front end words it as "1 validation error detected: …", and EC2, which has words of its own for
 * values and ranges.
 */
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
  'ec2',
  'apigateway',
  'apigatewayv2',
  'rds',
] as const;

/** Of these services only the members listed, which the service does not look at itself: `Structure.member`. */
export const onlyThese: Readonly<Record<string, readonly string[]>> = {
  apigateway: [
    'CreateRestApiRequest.securityPolicy',
    'CreateRestApiRequest.endpointAccessMode',
    'GetDomainNamesRequest.resourceOwner',
  ],
  apigatewayv2: [
    'Cors.MaxAge',
    'CreateApiRequest.IpAddressType',
    'UpdateApiRequest.IpAddressType',
    'CreateIntegrationRequest.ConnectionType',
    'UpdateIntegrationRequest.ConnectionType',
    'RouteSettings.LoggingLevel',
  ],
  rds: [
    'CreateDBClusterMessage.DatabaseInsightsMode',
    'ModifyDBClusterMessage.DatabaseInsightsMode',
    'CreateDBClusterMessage.MasterUserAuthenticationType',
    'ModifyDBClusterMessage.MasterUserAuthenticationType',
  ],
};

/** Of these services no lengths: how AWS refuses them is not known. */
export const withoutLengths: readonly string[] = ['ec2', 'rds', 'apigateway', 'apigatewayv2'];

/** `service.Structure.member`, or `service.*.member`: the service refuses these itself, in words of its own. */
export const answeredByTheService: readonly string[] = [
  // "… or be a valid ARN", as InvalidParameterValueException.
  'lambda.CreateFunctionRequest.Runtime',
  'lambda.UpdateFunctionConfigurationRequest.Runtime',
  // "Unknown rule action.", "Unknown attribute."
  'ec2.*.RuleAction',
  'ec2.*.Attribute',
  // "'x' is not a valid taggable resource type for this operation."
  'ec2.*.ResourceType',
];
