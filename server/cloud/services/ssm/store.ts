import type { CallContext } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import type { StateReader } from '../../state/account-state.ts';
import { defineTable, type Scope } from '../../state/table.ts';
import type { Tags } from '../../tags.ts';

/** A parameter; id in its table: its name. Times are milliseconds of the cloud's clock. */
export interface ParameterRecord {
  name: string;
  account: string;
  region: string;
  dataType: string;
  tags: Tags;
  /** Version numbers that are kept, in order. */
  versions: number[];
  /** Label → version. */
  labels: Record<string, number>;
}

/** One version; id: `versionId`. */
export interface VersionRecord {
  version: number;
  type: 'String' | 'StringList' | 'SecureString';
  tier: 'Standard' | 'Advanced';
  /** Plain text or, for a SecureString, base64 of the ciphertext. */
  value: string;
  /** For an Advanced SecureString: its data key as KMS encrypted it, and the cipher's nonce and tag, in base64. */
  envelope?: { key: string; iv: string; tag: string };
  /** As the user named the key. */
  keyId?: string;
  modified: number;
  user: string;
  description?: string;
  allowedPattern?: string;
}

export const parameters = defineTable<ParameterRecord>('ssm.parameters');
export const versions = defineTable<VersionRecord>('ssm.parameterVersions');

export const versionId = (name: string, version: number): string => `${name}|${String(version).padStart(9, '0')}`;

/** "arn:aws:ssm:us-east-1:111122223333:parameter/a/b": a leading slash is not written twice. */
export function parameterArn(scope: Scope, name: string): string {
  return `arn:aws:ssm:${scope.region}:${scope.account}:parameter/${name.startsWith('/') ? name.slice(1) : name}`;
}

/** A parameter as a request names it. */
export interface Named {
  scope: Scope;
  name: string;
  /** The request gave an ARN. */
  arn: boolean;
  /** `:3` or `:label`. */
  selector?: string;
}

/** Reads `name`, `name:3`, `name:label` and ARNs of these. */
export function readName(ctx: Scope, given: string): Named {
  const arn = given.startsWith('arn:');
  const parts = given.split(':');
  const scope = arn
    ? { account: parts[4] ?? '', region: parts[3] ?? '' }
    : { account: ctx.account, region: ctx.region };
  let rest = given;
  if (arn) {
    const path = parts
      .slice(5)
      .join(':')
      .replace(/^parameter\//, '');
    rest = path.split(':')[0]!.includes('/') ? `/${path}` : path;
  }
  const colon = rest.indexOf(':');
  if (colon < 0) return { scope, name: rest, arn };
  return { scope, name: rest.slice(0, colon), selector: rest.slice(colon), arn };
}

/** The parameter; an ARN may stand for `/a` as well as for `a`, as it has lost the slash. */
export function findParameter(state: StateReader, { scope, name, arn }: Named): ParameterRecord | undefined {
  const found = state.get(parameters, scope, name);
  return found ?? (arn && !name.startsWith('/') ? state.get(parameters, scope, `/${name}`) : undefined);
}

/** @throws AwsError ParameterNotFound, with AWS's empty message */
export function getParameter(ctx: CallContext, named: Named): ParameterRecord {
  const found = named.scope.region === ctx.region ? findParameter(ctx.state, named) : undefined;
  if (!found) throw parameterNotFound();
  return found;
}

/** @throws AwsError ParameterVersionNotFound */
export function getVersion(ctx: CallContext, parameter: ParameterRecord, selector: string | undefined): VersionRecord {
  const wanted = selector?.slice(1);
  const number =
    wanted === undefined
      ? parameter.versions.at(-1)!
      : /^\d{1,9}$/.test(wanted)
        ? Number(wanted)
        : Object.hasOwn(parameter.labels, wanted)
          ? parameter.labels[wanted]!
          : 0;
  const version = ctx.state.get(versions, parameter, versionId(parameter.name, number));
  if (version) return version;
  const what = /^\d+$/.test(wanted ?? '') ? `version ${wanted}` : `version label ${wanted}`;
  throw new AwsError(
    'ParameterVersionNotFound',
    `Systems Manager could not find ${what} of ${parameter.name}. Verify the version and try again.`,
  );
}

export const parameterNotFound = (): AwsError => new AwsError('ParameterNotFound', '');
export const invalid = (message: string): AwsError => new AwsError('ValidationException', message);
