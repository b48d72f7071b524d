/** AWS CLI v2 names of the SDK's services where they differ from the package's. */
const cliNames: Record<string, string> = {
  s3: 's3api',
  'cloudwatch-logs': 'logs',
  'secrets-manager': 'secretsmanager',
  'api-gateway': 'apigateway',
  'dynamodb-streams': 'dynamodbstreams',
  eventbridge: 'events',
};

/** `GetBucketPolicy` → `get-bucket-policy`; runs of capitals stay together (`ListObjectsV2` → `list-objects-v2`). */
export function kebab(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1-$2')
    .toLowerCase();
}

/** An SDK call as the AWS CLI command that does the same. `service` is the SDK's package without `@aws-sdk/client-`. */
export function cliCommand(service: string, operation: string, input: object): string {
  const words = ['aws', cliNames[service] ?? service, kebab(operation)];
  let output: string | undefined;
  if (service === 's3' && operation === 'GetObject') output = '/dev/stdout';
  if (service === 'lambda' && operation === 'Invoke') output = '/dev/stdout';
  for (const [member, value] of Object.entries(input)) {
    if (value === undefined) continue;
    const name = `--${kebab(member)}`;
    if (value instanceof Uint8Array || (member === 'Body' && typeof value === 'string')) {
      if (service === 'lambda' && member === 'Payload')
        words.push('--cli-binary-format raw-in-base64-out', name, quote(Buffer.from(value as Uint8Array).toString()));
      else words.push(name, `<(printf %s ${quote(clip(Buffer.from(value as Uint8Array).toString()))})`);
    } else if (typeof value === 'boolean') words.push(value ? name : `--no-${kebab(member)}`);
    else words.push(name, typeof value === 'object' ? quote(JSON.stringify(value)) : quote(String(value)));
  }
  if (output) words.push(output);
  return words.join(' ');
}

function clip(text: string): string {
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}

/** A word for a POSIX shell. */
export function quote(text: string): string {
  return /^[A-Za-z0-9_./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
