/** Documents name whom they like; only values that are names themselves are acted upon. */
const named = /^(?:arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:(\d{12}):|(?:https?:\/\/[^/]+)?\/(\d{12})\/[\w.-]+\/?$)/;

/** Accounts of AWS's own whose layers labs use: the Parameters and Secrets extension. */
const awsOwn: ReadonlySet<string> = new Set(['177933569100']);

export const isAwsOwn = (arn: string): boolean => awsOwn.has(arn.split(':')[4] ?? '');

/** Members that say who may come, or from where: nothing is sent to what they name. */
const conditions: ReadonlySet<string> = new Set(['SourceArn', 'Principal', 'AWSAccountIds', 'GranteePrincipal']);

/** An account outside of an attempt that an input names as a place to act on or to send to. */
export function foreignAccount(input: unknown, own: ReadonlySet<string>): string | undefined {
  if (typeof input === 'string') {
    const parts = named.exec(input);
    const account = parts?.[1] ?? parts?.[2];
    return account !== undefined && !own.has(account) && !awsOwn.has(account) ? account : undefined;
  }
  if (typeof input !== 'object' || input === null || ArrayBuffer.isView(input)) return undefined;
  for (const [name, value] of Object.entries(input)) {
    const found = conditions.has(name) ? undefined : foreignAccount(value, own);
    if (found !== undefined) return found;
  }
  return undefined;
}
