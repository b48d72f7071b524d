import type { ParameterStringFilter, ParametersFilter } from '@aws-sdk/client-ssm';
import type { CallContext } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import { getVersion, type ParameterRecord } from './store.ts';

/** Keys of DescribeParameters, beside `tag:<key>`. */
export const describeKeys = new Set(['Name', 'Type', 'KeyId', 'Path', 'Tier', 'DataType', 'Label']);

/** Every filter must hold; of one filter's values one. Source: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ParameterStringFilter.html */
export function matches(
  ctx: CallContext,
  parameter: ParameterRecord,
  filters: readonly ParameterStringFilter[] | undefined,
  keys: ReadonlySet<string>,
): boolean {
  return (filters ?? []).every(({ Key = '', Option, Values = [] }) => {
    const tag = keys === describeKeys && Key.startsWith('tag:') ? Key.slice(4) : undefined;
    if (tag === undefined && !keys.has(Key))
      throw new AwsError(
        'InvalidFilterKey',
        `The following filter key is not valid: ${Key}. Valid filter keys include: [${[...keys].join(', ')}].`,
      );
    if (Key === 'Path') return Values.some((path) => underPath(parameter.name, path, Option ?? 'OneLevel'));
    const own =
      tag === undefined ? texts(ctx, parameter, Key) : Object.hasOwn(parameter.tags, tag) ? [parameter.tags[tag]!] : [];
    if (tag !== undefined && Values.length === 0) return own.length > 0;
    return Values.some((value) => own.some((text) => holds(Key, Option ?? 'Equals', text, value)));
  });
}

/** The older form: names by prefix, types and keys by value. */
export function matchesOld(
  ctx: CallContext,
  parameter: ParameterRecord,
  filters: readonly ParametersFilter[] | undefined,
): boolean {
  return (filters ?? []).every(({ Key, Values = [] }) =>
    Values.some((value) =>
      texts(ctx, parameter, Key!).some((text) => (Key === 'Name' ? text.startsWith(value) : text === value)),
    ),
  );
}

function texts(ctx: CallContext, parameter: ParameterRecord, key: string): string[] {
  const version = getVersion(ctx, parameter, undefined);
  if (key === 'Name') return [parameter.name];
  if (key === 'Type') return [version.type];
  if (key === 'KeyId') return version.keyId ? [version.keyId] : [];
  if (key === 'Tier') return [version.tier];
  if (key === 'DataType') return [parameter.dataType];
  return Object.keys(parameter.labels).filter((label) => parameter.labels[label] === version.version);
}

function holds(key: string, option: string, text: string, value: string): boolean {
  if (option === 'Equals') return text === value || (key === 'Name' && text === `/${value}`);
  if (option === 'BeginsWith') return text.startsWith(value) || (key === 'Name' && text.startsWith(`/${value}`));
  if (option === 'Contains' && key === 'Name') return text.includes(value);
  throw new AwsError(
    'InvalidFilterOption',
    `The following filter option is not valid: ${option}. Valid options include: [BeginsWith, Equals].`,
  );
}

function underPath(name: string, path: string, option: string): boolean {
  if (option !== 'OneLevel' && option !== 'Recursive')
    throw new AwsError(
      'InvalidFilterOption',
      `The following filter option is not valid: ${option}. Valid options include: [Recursive, OneLevel].`,
    );
  const prefix = path.endsWith('/') ? path : `${path}/`;
  return name.startsWith(prefix) && (option === 'Recursive' || !name.slice(prefix.length).includes('/'));
}
