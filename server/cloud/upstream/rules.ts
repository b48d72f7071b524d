/**
 * What an endpoint behind the gateway is asked, and what is answered beside it. Two reasons keep something on our side:
 * what decides security must not depend on what an emulator enforces (sessions, access keys), and what no open emulator
 * has must still be there for the labs.
 */

/** Services that always live in the mirror. */
export const besideServices: ReadonlySet<string> = new Set([
  // Sessions are ours: an endpoint would take any twelve digits for a proof.
  'sts',
  // Functions run in our sandbox whoever starts them; their lines are written there.
  'logs',
  // In no open emulator, or not with what the labs ask of them.
  'rds',
  'rds-data',
  'apigateway',
  'apigatewayv2',
  'dynamodb',
  'dynamodbstreams',
  // Rules decide with the mirror's policies; their targets are called through the gateway.
  'events',
  // They read the gateway's call log and the mirror's policies.
  'cloudtrail',
  'accessanalyzer',
]);

const besideOperations: Readonly<Record<string, ReadonlySet<string>>> = {
  iam: new Set([
    // Secrets of access keys cannot be read back, and signatures are verified with them here.
    'CreateAccessKey',
    'DeleteAccessKey',
    'UpdateAccessKey',
    'ListAccessKeys',
    'GetAccessKeyLastUsed',
    // The policy engine's own answers.
    'SimulatePrincipalPolicy',
    'SimulateCustomPolicy',
    'GetContextKeysForCustomPolicy',
    'GetContextKeysForPrincipalPolicy',
    // Out of the gateway's call log.
    'GenerateCredentialReport',
    'GetCredentialReport',
    'GenerateServiceLastAccessedDetails',
    'GetServiceLastAccessedDetails',
    // Of what no endpoint has.
    'ListOrganizationsFeatures',
    'ListSAMLProviderTags',
    'ListServerCertificateTags',
  ]),
  lambda: new Set([
    // They hand out addresses of the gateway: links to code, URLs of functions.
    'GetFunction',
    'GetFunctionUrlConfig',
    'ListFunctionUrlConfigs',
    'GetLayerVersion',
    'GetLayerVersionByArn',
    'InvokeFunctionUrl',
  ]),
};

const invocations = new Set(['Invoke', 'InvokeAsync', 'InvokeWithResponseStream']);

/** What applications do all day: changes no configuration, and works on data that the mirror does not hold. */
const dataOperations: Readonly<Record<string, RegExp>> = {
  s3: /^(?:(?:Get|Put|Head|Copy|Delete|Restore|Select)Object|DeleteObjects$|ListObject|ListParts|ListMultipart|(?:Create|Complete|Abort)MultipartUpload|UploadPart)/,
  sqs: /Message|^PurgeQueue$/,
  sns: /^Publish/,
  kms: /Encrypt|Decrypt|DataKey|^(?:Sign|Verify|GenerateRandom|GenerateMac|VerifyMac|DeriveSharedSecret)/,
  lambda: /^Invoke/,
  dynamodb: /^(?:Batch|Transact|Execute)|Item$|^(?:Query|Scan)$/,
  dynamodbstreams: /^Get/,
};

const reads = /^(?:Get|List|Describe|Head|Lookup|Search|BatchGet|Check|Validate|Simulate)/;

/** The mirror's keys have material of their own: what is encrypted with them can be decrypted in forks too. */
const kmsCryptography = dataOperations.kms!;

/** Whether a data operation leaves something behind. */
export const writesData = (operation: string): boolean => /^(?:Put|Upload|Copy|Send|Publish)/.test(operation);

export const isRead = (operation: string): boolean => reads.test(operation);

export function isBeside(service: string, operation: string, runsFunctions: boolean): boolean {
  if (besideServices.has(service)) return true;
  if (service === 'lambda' && invocations.has(operation) && !runsFunctions) return true;
  // What emulators tell of a VPC leaves out what decides: endpoint policies, ports of ACLs, IPv6 routes.
  if (service === 'ec2' && reads.test(operation)) return true;
  if (service === 'kms' && kmsCryptography.test(operation)) return true;
  return besideOperations[service]?.has(operation) ?? false;
}

/** `data`: works on what the mirror does not hold · `read`: changes nothing · `write`: changes the configuration. */
export function kindOf(service: string, operation: string): 'data' | 'read' | 'write' {
  if (dataOperations[service]?.test(operation)) return 'data';
  return reads.test(operation) ? 'read' : 'write';
}
