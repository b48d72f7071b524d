import type {
  GetParameterCommandInput,
  GetParameterCommandOutput,
  GetParameterHistoryCommandInput,
  GetParameterHistoryCommandOutput,
  GetParametersByPathCommandInput,
  GetParametersByPathCommandOutput,
  GetParametersCommandInput,
  GetParametersCommandOutput,
  Parameter,
} from '@aws-sdk/client-ssm';
import { type CallContext, operation } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import { paginate } from '../../paginate.ts';
import { parameterAccess } from './access.ts';
import { matches } from './filters.ts';
import { checkPath } from './names.ts';
import { mostNames } from './parameters.ts';
import {
  findParameter,
  getParameter,
  getVersion,
  type ParameterRecord,
  parameterArn,
  parameters,
  readName,
  type VersionRecord,
  versionId,
  versions,
} from './store.ts';
import { decryptValue } from './values.ts';

export const invalidToken = { code: 'InvalidNextToken', message: 'The specified token is not valid.' };

export const GetParameter = operation<GetParameterCommandInput, GetParameterCommandOutput>({
  access: (ctx, input) => parameterAccess(ctx, 'GetParameter', readName(ctx, input.Name!)),
  async run(ctx, input) {
    const named = readName(ctx, input.Name!);
    const parameter = getParameter(ctx, named);
    return {
      Parameter: await show(
        ctx,
        parameter,
        getVersion(ctx, parameter, named.selector),
        input.WithDecryption,
        named.selector,
      ),
    };
  },
});

export const GetParameters = operation<GetParametersCommandInput, GetParametersCommandOutput>({
  access: (ctx, input) => input.Names!.map((name) => parameterAccess(ctx, 'GetParameters', readName(ctx, name))),
  async run(ctx, input) {
    mostNames(input.Names!);
    const Parameters: Parameter[] = [];
    const InvalidParameters: string[] = [];
    for (const name of new Set(input.Names!)) {
      const named = readName(ctx, name);
      const parameter = findParameter(ctx.state, named);
      const version = parameter && versionOrNothing(ctx, parameter, named.selector);
      if (parameter && version)
        Parameters.push(await show(ctx, parameter, version, input.WithDecryption, named.selector));
      else InvalidParameters.push(name);
    }
    return { Parameters, InvalidParameters };
  },
});

function versionOrNothing(
  ctx: CallContext,
  parameter: ParameterRecord,
  selector: string | undefined,
): VersionRecord | undefined {
  try {
    return getVersion(ctx, parameter, selector);
  } catch (error) {
    if (error instanceof AwsError) return undefined;
    throw error;
  }
}

/** "If a user has access to a path, then the user can access all levels of that path": only the path is asked about. */
export const GetParametersByPath = operation<GetParametersByPathCommandInput, GetParametersByPathCommandOutput>({
  access: (ctx, input) => ({
    ...parameterAccess(ctx, 'GetParametersByPath', readName(ctx, input.Path!)),
    context: { 'ssm:Recursive': String(input.Recursive ?? false) },
  }),
  async run(ctx, input) {
    checkPath(input.Path!);
    const prefix = input.Path!.endsWith('/') ? input.Path! : `${input.Path}/`;
    const all = ctx.state
      .list(parameters, ctx)
      .map(({ value }) => value)
      .filter(({ name }) => name.startsWith(prefix) && (input.Recursive || !name.slice(prefix.length).includes('/')))
      .filter((parameter) => matches(ctx, parameter, input.ParameterFilters, byPathKeys));
    const { page, next } = paginate(all, ({ name }) => name, {
      token: input.NextToken,
      limit: input.MaxResults,
      max: 10,
      invalid: invalidToken,
    });
    const Parameters: Parameter[] = [];
    for (const parameter of page)
      Parameters.push(await show(ctx, parameter, getVersion(ctx, parameter, undefined), input.WithDecryption));
    return { Parameters, ...(next ? { NextToken: next } : {}) };
  },
});

const byPathKeys = new Set(['Type', 'KeyId', 'Label']);

export const GetParameterHistory = operation<GetParameterHistoryCommandInput, GetParameterHistoryCommandOutput>({
  access: (ctx, input) => parameterAccess(ctx, 'GetParameterHistory', readName(ctx, input.Name!)),
  async run(ctx, input) {
    const parameter = getParameter(ctx, readName(ctx, input.Name!));
    const id = (version: number): string => String(version).padStart(9, '0');
    const { page, next } = paginate(parameter.versions, id, {
      token: input.NextToken,
      limit: input.MaxResults,
      max: 50,
      invalid: invalidToken,
    });
    const Parameters: NonNullable<GetParameterHistoryCommandOutput['Parameters']> = [];
    for (const number of page) {
      const version = ctx.state.get(versions, parameter, versionId(parameter.name, number))!;
      Parameters.push({
        Name: parameter.name,
        Type: version.type,
        ...(version.keyId ? { KeyId: version.keyId } : {}),
        LastModifiedDate: new Date(version.modified),
        LastModifiedUser: version.user,
        ...(version.description === undefined ? {} : { Description: version.description }),
        Value: await shownValue(ctx, parameter, version, input.WithDecryption),
        ...(version.allowedPattern === undefined ? {} : { AllowedPattern: version.allowedPattern }),
        Version: number,
        Labels: Object.keys(parameter.labels).filter((label) => parameter.labels[label] === number),
        Tier: version.tier,
        Policies: [],
        DataType: parameter.dataType,
      });
    }
    return { Parameters, ...(next ? { NextToken: next } : {}) };
  },
});

async function show(
  ctx: CallContext,
  parameter: ParameterRecord,
  version: VersionRecord,
  decrypt: boolean | undefined,
  selector?: string,
): Promise<Parameter> {
  return {
    Name: parameter.name,
    Type: version.type,
    Value: await shownValue(ctx, parameter, version, decrypt),
    Version: version.version,
    ...(selector === undefined ? {} : { Selector: selector }),
    LastModifiedDate: new Date(version.modified),
    ARN: parameterArn(parameter, parameter.name),
    DataType: parameter.dataType,
  };
}

/** Without decryption a SecureString shows its ciphertext. */
async function shownValue(
  ctx: CallContext,
  parameter: ParameterRecord,
  version: VersionRecord,
  decrypt: boolean | undefined,
): Promise<string> {
  return version.type === 'SecureString' && decrypt ? decryptValue(ctx, parameter, version) : version.value;
}
