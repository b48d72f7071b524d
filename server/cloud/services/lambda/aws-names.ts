/** What a host name of AWS stands for. */
export type AwsName =
  | { kind: 'service'; service: string; region: string; endpointId?: string; global?: boolean }
  /** A function URL or an HTTP API: `label` is its id. */
  | { kind: 'public'; service: 'lambda-url' | 'execute-api'; label: string; region: string; endpointId?: string };

const regionForm = /^[a-z]{2}(?:-gov)?-[a-z]{4,9}-\d$/;
const dottedS3 = new Set(['s3', 's3-fips', 's3-accelerate']);

/**
 * Reads a name as AWS's DNS would: `sqs.us-east-1.amazonaws.com`, `bucket.s3.us-east-1.amazonaws.com`,
 * `vpce-….sqs.us-east-1.vpce.amazonaws.com`, `abc.lambda-url.us-east-1.on.aws`, `abc.execute-api.us-east-1.amazonaws.com`.
 * Undefined for names that are not AWS's. Services that are not emulated have names, too: the gateway says what it lacks.
 */
export function awsName(host: string, homeRegion: string): AwsName | undefined {
  const name = host.toLowerCase();
  if (name.length > 253) return undefined;
  if (name.endsWith('.on.aws')) {
    const [label = '', kind, region = '', ...rest] = name.slice(0, -'.on.aws'.length).split('.');
    if (kind !== 'lambda-url' || rest.length || !regionForm.test(region)) return undefined;
    return { kind: 'public', service: 'lambda-url', label, region };
  }
  const suffix = name.endsWith('.amazonaws.com')
    ? '.amazonaws.com'
    : name.endsWith('.api.aws')
      ? '.api.aws'
      : undefined;
  if (!suffix) return undefined;
  const labels = name
    .slice(0, -suffix.length)
    .split('.')
    .filter((label) => label !== 'dualstack');
  if (labels.at(-1) === 'vpce') return vpceName(labels.slice(0, -1));
  const region = labels.at(-1)!;
  if (labels.length >= 2 && regionForm.test(region)) {
    const service = labels.at(-2)!;
    if (service === 'execute-api' && labels.length === 3)
      return { kind: 'public', service: 'execute-api', label: labels[0]!, region };
    if (dottedS3.has(service)) return { kind: 'service', service: 's3', region };
    if (service === 'dynamodb' && labels[0] === 'streams')
      return { kind: 'service', service: 'dynamodb-streams', region };
    // Other services have one label, or two such as `api.ecr`; cluster names of RDS and the like are no API.
    return labels.length <= 3 && !nameOnly.has(service) ? { kind: 'service', service, region } : undefined;
  }
  const last = labels.at(-1)!;
  if (dottedS3.has(last)) return { kind: 'service', service: 's3', region: 'us-east-1' };
  if (labels.length === 1) return { kind: 'service', service: last, region: homeRegion, global: true };
  return undefined;
}

/** Second-last labels of names that are resources and no API. */
const nameOnly = new Set(['rds', 'cache', 'elb', 'compute', 'ec2-internal', 'redshift', 'es']);

function vpceName(labels: string[]): AwsName | undefined {
  const region = labels.at(-1) ?? '';
  const service = labels.at(-2) ?? '';
  if (labels.length < 3 || !regionForm.test(region)) return undefined;
  const id = labels.find((label) => label.startsWith('vpce-'));
  if (!id) return undefined;
  // vpce-0123456789abcdef0-abcdefgh-us-east-1a: the endpoint's id are the first two parts.
  const endpointId = id.split('-').slice(0, 2).join('-');
  if (service === 'execute-api' && !labels[0]!.startsWith('vpce-'))
    return { kind: 'public', service: 'execute-api', label: labels[0]!, region, endpointId };
  return { kind: 'service', service, region, endpointId };
}
