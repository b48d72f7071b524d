import type {
  DeleteParameterCommandInput,
  DeleteParameterCommandOutput,
  DeleteParametersCommandInput,
  DeleteParametersCommandOutput,
  PutParameterCommandInput,
  PutParameterCommandOutput,
} from '@aws-sdk/client-ssm';
import { type CallContext, operation } from '../../context.ts';
import { AwsError, NotEmulated } from '../../errors.ts';
import { requestTagContext, tagsFrom } from '../../tags.ts';
import { parameterAccess } from './access.ts';
import { checkAllowedPattern } from './allowed-pattern.ts';
import { checkName } from './names.ts';
import {
  findParameter,
  getParameter,
  getVersion,
  invalid,
  type ParameterRecord,
  parameters,
  readName,
  type VersionRecord,
  versionId,
  versions,
} from './store.ts';
import { checkTags } from './tags.ts';
import { encryptValue } from './values.ts';

const MOST_VERSIONS = 100;
const limits = { Standard: 4096, Advanced: 8192 };

export const PutParameter = operation<PutParameterCommandInput, PutParameterCommandOutput>({
  access(ctx, input) {
    const named = readName(ctx, input.Name!);
    const given = requestTagContext(tagsFrom(input.Tags));
    const put = parameterAccess(ctx, 'PutParameter', named, {
      'ssm:Overwrite': String(input.Overwrite ?? false),
      ...(input.Policies ? { 'ssm:Policies': input.Policies } : {}),
      ...given,
    });
    return input.Tags?.length ? [put, parameterAccess(ctx, 'AddTagsToResource', named, given)] : put;
  },
  async run(ctx, input) {
    if (input.Policies && input.Policies !== '[]') throw new NotEmulated('ssm:PutParameter with Policies');
    if ((input.DataType ?? 'text') === 'aws:ssm:integration')
      throw new NotEmulated('ssm:PutParameter with DataType aws:ssm:integration');
    const named = readName(ctx, input.Name!);
    checkName(named.name);
    if (named.selector !== undefined) throw invalid(`Parameter name: ${input.Name} must not have a version or label.`);
    checkTags(input.Tags);
    const before = findParameter(ctx.state, named);
    if (before && !input.Overwrite)
      throw new AwsError(
        'ParameterAlreadyExists',
        'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
      );
    if (before && input.Tags?.length)
      throw invalid(
        "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or RemoveTagsFromResource.",
      );
    const latest = before && getVersion(ctx, before, undefined);
    const type = input.Type ?? latest?.type;
    if (!type) throw invalid('A parameter type is required when you create a parameter.');
    if (type !== 'SecureString' && input.KeyId)
      throw invalid('KeyId can only be specified for a SecureString parameter.');
    const tier = chooseTier(input, latest);
    checkValue(input, type, tier);
    const allowedPattern = input.AllowedPattern || undefined;
    if (allowedPattern !== undefined) checkAllowedPattern(allowedPattern, input.Value!);
    const keyId = type === 'SecureString' ? (input.KeyId ?? 'alias/aws/ssm') : undefined;
    const { account, region } = named.scope;
    const secret =
      keyId === undefined
        ? { value: input.Value! }
        : await encryptValue(ctx, { account, region, name: named.name }, input.Value!, tier, keyId);
    // Another call may have put a version while KMS was asked.
    const now = findParameter(ctx.state, named);
    const number = (now?.versions.at(-1) ?? 0) + 1;
    const version: VersionRecord = {
      version: number,
      type,
      tier,
      ...secret,
      ...(keyId === undefined ? {} : { keyId }),
      modified: ctx.now,
      user: ctx.caller.principal.arn,
      ...(input.Description === undefined ? {} : { description: input.Description }),
      ...(allowedPattern === undefined ? {} : { allowedPattern }),
    };
    const parameter: ParameterRecord = now ?? {
      name: named.name,
      account,
      region,
      dataType: input.DataType ?? 'text',
      tags: tagsFrom(input.Tags),
      versions: [],
      labels: {},
    };
    ctx.state.put(versions, parameter, versionId(parameter.name, number), version);
    ctx.state.put(parameters, parameter, parameter.name, {
      ...parameter,
      ...(input.DataType === undefined ? {} : { dataType: input.DataType }),
      versions: [...withoutOldest(ctx, parameter), number],
    });
    return { Version: number, Tier: tier };
  },
});

function chooseTier(input: PutParameterCommandInput, latest: VersionRecord | undefined): VersionRecord['tier'] {
  const large = Buffer.byteLength(input.Value!) > limits.Standard;
  if (input.Tier === 'Standard' && latest?.tier === 'Advanced')
    throw invalid(
      "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the advanced-parameter tier to the standard-parameter tier. If necessary, you can delete the advanced parameter and recreate it as a standard parameter.",
    );
  if (input.Tier === 'Intelligent-Tiering') return large || latest?.tier === 'Advanced' ? 'Advanced' : 'Standard';
  return input.Tier ?? latest?.tier ?? 'Standard';
}

function checkValue(input: PutParameterCommandInput, type: VersionRecord['type'], tier: VersionRecord['tier']): void {
  const value = input.Value!;
  if (value === '')
    throw invalid(
      "1 validation error detected: Value '' at 'value' failed to satisfy constraint: Member must have length greater than or equal to 1.",
    );
  if (Buffer.byteLength(value) > limits[tier])
    throw invalid(
      tier === 'Standard'
        ? 'Standard tier parameters support a maximum parameter value of 4096 characters. To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier. For more information, see https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html'
        : 'Advanced tier parameters support a maximum parameter value of 8192 characters.',
    );
  if (/\{\{.*\}\}/s.test(value))
    throw invalid('Parameter value can\'t nest another parameter. Do not use "{{}}" in the value.');
  if (type === 'StringList' && value.split(',').some((item) => item === ''))
    throw invalid('A StringList must not have empty items.');
}

/** Makes room for a version: the oldest goes, unless a label holds it. */
function withoutOldest(ctx: CallContext, parameter: ParameterRecord): number[] {
  if (parameter.versions.length < MOST_VERSIONS) return parameter.versions;
  const oldest = parameter.versions[0]!;
  if (Object.values(parameter.labels).includes(oldest))
    throw new AwsError(
      'ParameterMaxVersionLimitExceeded',
      `You attempted to create a new version of ${parameter.name} by calling the PutParameter API with the overwrite flag. Version ${oldest}, the oldest version, can't be deleted because it has a label associated with it. Move the label to another version of the parameter, and try again.`,
    );
  ctx.state.delete(versions, parameter, versionId(parameter.name, oldest));
  return parameter.versions.slice(1);
}

export const DeleteParameter = operation<DeleteParameterCommandInput, DeleteParameterCommandOutput>({
  access: (ctx, input) => parameterAccess(ctx, 'DeleteParameter', readName(ctx, input.Name!)),
  run(ctx, input) {
    remove(ctx, getParameter(ctx, readName(ctx, input.Name!)));
    return {};
  },
});

export const DeleteParameters = operation<DeleteParametersCommandInput, DeleteParametersCommandOutput>({
  access: (ctx, input) => input.Names!.map((name) => parameterAccess(ctx, 'DeleteParameters', readName(ctx, name))),
  run(ctx, input) {
    mostNames(input.Names!);
    const DeletedParameters: string[] = [];
    const InvalidParameters: string[] = [];
    for (const name of new Set(input.Names!)) {
      const parameter = findParameter(ctx.state, readName(ctx, name));
      if (parameter) remove(ctx, parameter);
      (parameter ? DeletedParameters : InvalidParameters).push(name);
    }
    return { DeletedParameters, InvalidParameters };
  },
});

function remove(ctx: CallContext, parameter: ParameterRecord): void {
  for (const version of parameter.versions) ctx.state.delete(versions, parameter, versionId(parameter.name, version));
  ctx.state.delete(parameters, parameter, parameter.name);
}

/** GetParameters and DeleteParameters take ten names. */
export function mostNames(names: readonly string[]): void {
  if (names.length >= 1 && names.length <= 10) return;
  const bound = names.length < 1 ? 'greater than or equal to 1' : 'less than or equal to 10';
  throw invalid(
    `1 validation error detected: Value '[${names.join(', ')}]' at 'names' failed to satisfy constraint: Member must have length ${bound}`,
  );
}
