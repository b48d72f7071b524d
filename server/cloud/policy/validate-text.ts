import { STAGE } from './validate-report.ts';

/**
 * The form of Action and Resource texts, in IAM's wordings.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 */

/** What IAM says against an action, or undefined. */
export function checkActionText(action: string): string | undefined {
  if (action === '*') return undefined;
  const parts = action.split(':', 3);
  if (parts.length === 1) return 'Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.';
  if (parts.length > 2) return 'Actions/Condition can contain only one colon.';
  const vendor = parts[0]!;
  if (vendor !== '*' && !/^[a-zA-Z0-9.-]+$/.test(vendor)) return `Vendor ${vendor} is not valid`;
  // Seen in IAM's answers as an empty action name; nothing could match it.
  return parts[1] === '' ? `Action ${action} is not valid` : undefined;
}

const IAM_PATHS = [
  'user/',
  'federated-user/',
  'role/',
  'group/',
  'instance-profile/',
  'mfa/',
  'server-certificate/',
  'policy/',
  'sms-mfa/',
  'saml-provider/',
  'oidc-provider/',
  'report/',
  'access-report/',
];

const PARTITIONS = new Set(['aws', 'aws-cn', 'aws-us-gov', '*']);

/** What IAM says against a resource, or undefined. */
export function checkResourceText(resource: string): { stage: number; message: string; detail?: string } | undefined {
  if (/^\*+$/.test(resource)) return undefined;
  const format = (message: string) => ({ stage: STAGE.format, message });
  const parts = splitLoose(resource);
  if (parts[0] !== 'arn' || parts.length < 2) return format(`Resource ${resource} must be in ARN format or "*".`);
  const [, partition = '', service = '', region = '', account = '', rest = ''] = parts;
  if (!PARTITIONS.has(partition)) {
    const arn = `arn:${[partition, service || '*', region || '*', account || '*', rest || '*'].join(':')}`;
    return format(`Partition "${partition}" is not valid for resource "${arn}".`);
  }
  if (parts.length === 2) return format('Resource vendor must be fully qualified and cannot contain regexes.');
  if (service !== '*' && !/^[a-zA-Z0-9-]+$/.test(service)) {
    return format('Resource vendor must be fully qualified and cannot contain regexes.');
  }
  // `arn:aws:s3::bucket`: a colon is missing, and the bucket stands where the account belongs.
  if (parts.length < 6 && resource.includes('::')) {
    const detail = `${resource} has ${parts.length} parts; an ARN has six: arn:partition:service:region:account:resource`;
    return { stage: STAGE.legacy, message: 'The policy failed legacy parsing', detail };
  }
  if (service === 'iam' && region !== '' && parts.length >= 6) {
    return format(`IAM resource ${resource} cannot contain region information.`);
  }
  if (service === 's3' && region !== '' && region !== '*' && account === '' && parts.length >= 6) {
    return format(`Resource ${resource} can not contain region information.`);
  }
  if (service === 'iam' && parts.length >= 6 && rest !== 'root' && !iamPath(rest)) {
    return format(`IAM resource path must either be "*" or start with ${IAM_PATHS.join(', ')}.`);
  }
  return undefined;
}

/** The six parts of an ARN or fewer; the last keeps its colons. */
function splitLoose(resource: string): string[] {
  const parts: string[] = [];
  let from = 0;
  while (parts.length < 5) {
    const colon = resource.indexOf(':', from);
    if (colon < 0) break;
    parts.push(resource.slice(from, colon));
    from = colon + 1;
  }
  parts.push(resource.slice(from));
  return parts;
}

/** A path that has a wildcard before its first slash may still become one of the known ones. */
function iamPath(path: string): boolean {
  const wild = path.search(/[*?$]/);
  const fixed = wild < 0 ? path : path.slice(0, wild);
  return IAM_PATHS.some((start) => fixed.startsWith(start) || (wild >= 0 && start.startsWith(fixed)));
}
