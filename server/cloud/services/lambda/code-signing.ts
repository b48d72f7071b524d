import type {
  CodeSigningConfig,
  CreateCodeSigningConfigCommandInput,
  CreateCodeSigningConfigCommandOutput,
  DeleteCodeSigningConfigCommandInput,
  DeleteCodeSigningConfigCommandOutput,
  DeleteFunctionCodeSigningConfigCommandInput,
  DeleteFunctionCodeSigningConfigCommandOutput,
  GetCodeSigningConfigCommandInput,
  GetCodeSigningConfigCommandOutput,
  GetFunctionCodeSigningConfigCommandInput,
  GetFunctionCodeSigningConfigCommandOutput,
  ListCodeSigningConfigsCommandInput,
  ListCodeSigningConfigsCommandOutput,
  ListFunctionsByCodeSigningConfigCommandInput,
  ListFunctionsByCodeSigningConfigCommandOutput,
  PutFunctionCodeSigningConfigCommandInput,
  PutFunctionCodeSigningConfigCommandOutput,
  UpdateCodeSigningConfigCommandInput,
  UpdateCodeSigningConfigCommandOutput,
} from '@aws-sdk/client-lambda';
import { type Access, type CallContext, operation } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import { paginate } from '../../paginate.ts';
import { hex } from '../../random.ts';
import type { Scope } from '../../state/table.ts';
import { requestTagContext, resourceTagContext } from '../../tags.ts';
import { conflict, notFound, validation } from './errors.ts';
import { functionAccess, getFunction, lambdaTime } from './find.ts';
import { arnOf, functionTarget } from './names.ts';
import { type CodeSigningRecord, codeSigningConfigs, functions } from './records.ts';
import { checkTags } from './tags.ts';

// differs from AWS: AWS Signer is not here, so no package and no layer is ever signed; Warn lets them through, Enforce
// stops every deployment.

const idOf = (arn: string): string => {
  const id = arn.split(':')[6] ?? '';
  if (!/^csc-[a-z0-9]{17}$/.test(id))
    throw validation(
      arn,
      'codeSigningConfigArn',
      'Member must satisfy regular expression pattern: arn:(aws[a-zA-Z-]*)?:lambda:[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:\\d{12}:code-signing-config:csc-[a-z0-9]{17}',
    );
  return id;
};

export function getCodeSigningConfig(ctx: CallContext, arn: string): CodeSigningRecord {
  const found = ctx.state.get(codeSigningConfigs, ctx, idOf(arn));
  if (found?.arn !== arn) throw notFound(`The Lambda code signing configuration ${arn} can not be found.`);
  return found;
}

/**
 * What a configuration says of new code and new layers; what is deployed already is never asked.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-codesigning.html
 * @throws AwsError CodeVerificationFailedException
 */
export function checkSigned(ctx: CallContext, scope: Scope, arn: string | undefined): void {
  if (arn === undefined || ctx.state.get(codeSigningConfigs, scope, idOf(arn))?.untrusted !== 'Enforce') return;
  throw new AwsError(
    'CodeVerificationFailedException',
    'The code signature failed one or more of the validation checks for signature mismatch or expiry, and the code signing policy is set to ENFORCE. Lambda blocks the deployment.',
    400,
    { Type: 'User' },
  );
}

/** The configuration that a function is to have. @throws AwsError CodeSigningConfigNotFoundException */
export function usableCodeSigningConfig(ctx: CallContext, arn: string): CodeSigningRecord {
  const found = ctx.state.get(codeSigningConfigs, ctx, idOf(arn));
  if (found?.arn === arn) return found;
  throw new AwsError(
    'CodeSigningConfigNotFoundException',
    `The code signing configuration cannot be found. Check that the provided configuration is not deleted: ${arn}.`,
    404,
    { Type: 'User' },
  );
}

export function codeSigningAccess(ctx: CallContext, action: string, arn: string): Access {
  const tags = ctx.state.get(codeSigningConfigs, ctx, idOf(arn))?.tags;
  return {
    action: `lambda:${action}`,
    resource: arn,
    context: resourceTagContext(tags),
  };
}

const describe = (record: CodeSigningRecord): CodeSigningConfig => ({
  CodeSigningConfigId: record.id,
  CodeSigningConfigArn: record.arn,
  Description: record.description,
  AllowedPublishers: { SigningProfileVersionArns: [...record.signingProfileVersionArns] },
  CodeSigningPolicies: { UntrustedArtifactOnDeployment: record.untrusted },
  LastModified: record.lastModified,
});

export const CreateCodeSigningConfig = operation<
  CreateCodeSigningConfigCommandInput,
  CreateCodeSigningConfigCommandOutput
>({
  access: (_ctx, input) => ({
    action: 'lambda:CreateCodeSigningConfig',
    resource: '*',
    context: requestTagContext(input.Tags),
  }),
  run(ctx, input) {
    checkTags(input.Tags ?? {});
    const id = `csc-${hex(ctx.cloud.random, 17)}`;
    const record: CodeSigningRecord = {
      id,
      arn: `arn:aws:lambda:${ctx.region}:${ctx.account}:code-signing-config:${id}`,
      description: input.Description ?? '',
      signingProfileVersionArns: [...(input.AllowedPublishers?.SigningProfileVersionArns ?? [])],
      untrusted: input.CodeSigningPolicies?.UntrustedArtifactOnDeployment ?? 'Warn',
      lastModified: lambdaTime(ctx.now),
      tags: { ...input.Tags },
    };
    ctx.state.put(codeSigningConfigs, ctx, id, record);
    return { CodeSigningConfig: describe(record) };
  },
});

export const GetCodeSigningConfig = operation<GetCodeSigningConfigCommandInput, GetCodeSigningConfigCommandOutput>({
  access: (ctx, input) => codeSigningAccess(ctx, 'GetCodeSigningConfig', input.CodeSigningConfigArn!),
  run: (ctx, input) => ({ CodeSigningConfig: describe(getCodeSigningConfig(ctx, input.CodeSigningConfigArn!)) }),
});

export const UpdateCodeSigningConfig = operation<
  UpdateCodeSigningConfigCommandInput,
  UpdateCodeSigningConfigCommandOutput
>({
  access: (ctx, input) => codeSigningAccess(ctx, 'UpdateCodeSigningConfig', input.CodeSigningConfigArn!),
  run(ctx, input) {
    const old = getCodeSigningConfig(ctx, input.CodeSigningConfigArn!);
    const record: CodeSigningRecord = {
      ...old,
      description: input.Description ?? old.description,
      signingProfileVersionArns: [
        ...(input.AllowedPublishers?.SigningProfileVersionArns ?? old.signingProfileVersionArns),
      ],
      untrusted: input.CodeSigningPolicies?.UntrustedArtifactOnDeployment ?? old.untrusted,
      lastModified: lambdaTime(ctx.now),
    };
    ctx.state.put(codeSigningConfigs, ctx, old.id, record);
    return { CodeSigningConfig: describe(record) };
  },
});

export const DeleteCodeSigningConfig = operation<
  DeleteCodeSigningConfigCommandInput,
  DeleteCodeSigningConfigCommandOutput
>({
  access: (ctx, input) => codeSigningAccess(ctx, 'DeleteCodeSigningConfig', input.CodeSigningConfigArn!),
  run(ctx, input) {
    const record = getCodeSigningConfig(ctx, input.CodeSigningConfigArn!);
    if (ctx.state.list(functions, ctx).some(({ value }) => value.codeSigningConfigArn === record.arn))
      throw conflict('The code signing configuration is in use by one or more functions.');
    ctx.state.delete(codeSigningConfigs, ctx, record.id);
    return {};
  },
});

export const ListCodeSigningConfigs = operation<
  ListCodeSigningConfigsCommandInput,
  ListCodeSigningConfigsCommandOutput
>({
  access: () => ({ action: 'lambda:ListCodeSigningConfigs', resource: '*' }),
  run(ctx, input) {
    const all = ctx.state.list(codeSigningConfigs, ctx);
    const { page, next } = paginate(all, ({ id }) => id, { token: input.Marker, limit: input.MaxItems, max: 10_000 });
    return { CodeSigningConfigs: page.map(({ value }) => describe(value)), ...(next ? { NextMarker: next } : {}) };
  },
});

export const ListFunctionsByCodeSigningConfig = operation<
  ListFunctionsByCodeSigningConfigCommandInput,
  ListFunctionsByCodeSigningConfigCommandOutput
>({
  access: (ctx, input) => codeSigningAccess(ctx, 'ListFunctionsByCodeSigningConfig', input.CodeSigningConfigArn!),
  run(ctx, input) {
    const { arn } = getCodeSigningConfig(ctx, input.CodeSigningConfigArn!);
    const names = ctx.state
      .list(functions, ctx)
      .filter(({ value }) => value.codeSigningConfigArn === arn)
      .map(({ id }) => id);
    const { page, next } = paginate(names, (name) => name, { token: input.Marker, limit: input.MaxItems, max: 10_000 });
    return { FunctionArns: page.map((name) => arnOf(ctx, name)), ...(next ? { NextMarker: next } : {}) };
  },
});

export const PutFunctionCodeSigningConfig = operation<
  PutFunctionCodeSigningConfigCommandInput,
  PutFunctionCodeSigningConfigCommandOutput
>({
  access: (ctx, input) => [
    functionAccess(ctx, 'PutFunctionCodeSigningConfig', functionTarget(ctx, input.FunctionName!), {
      'lambda:CodeSigningConfigArn': input.CodeSigningConfigArn!,
    }),
    codeSigningAccess(ctx, 'PutFunctionCodeSigningConfig', input.CodeSigningConfigArn!),
  ],
  run(ctx, input) {
    const target = functionTarget(ctx, input.FunctionName!);
    const fn = getFunction(ctx.state, target);
    const { arn } = usableCodeSigningConfig(ctx, input.CodeSigningConfigArn!);
    ctx.state.put(functions, target, target.name, { ...fn, codeSigningConfigArn: arn });
    return { CodeSigningConfigArn: arn, FunctionName: target.name };
  },
});

export const GetFunctionCodeSigningConfig = operation<
  GetFunctionCodeSigningConfigCommandInput,
  GetFunctionCodeSigningConfigCommandOutput
>({
  access: (ctx, input) => functionAccess(ctx, 'GetFunctionCodeSigningConfig', functionTarget(ctx, input.FunctionName!)),
  run(ctx, input) {
    const target = functionTarget(ctx, input.FunctionName!);
    const { codeSigningConfigArn } = getFunction(ctx.state, target);
    return { CodeSigningConfigArn: codeSigningConfigArn ?? '', FunctionName: codeSigningConfigArn ? target.name : '' };
  },
});

export const DeleteFunctionCodeSigningConfig = operation<
  DeleteFunctionCodeSigningConfigCommandInput,
  DeleteFunctionCodeSigningConfigCommandOutput
>({
  access: (ctx, input) =>
    functionAccess(ctx, 'DeleteFunctionCodeSigningConfig', functionTarget(ctx, input.FunctionName!)),
  run(ctx, input) {
    const target = functionTarget(ctx, input.FunctionName!);
    const { codeSigningConfigArn: _gone, ...fn } = getFunction(ctx.state, target);
    ctx.state.put(functions, target, target.name, fn);
    return {};
  },
});
