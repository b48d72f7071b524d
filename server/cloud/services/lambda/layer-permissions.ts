import type {
  AddLayerVersionPermissionCommandInput,
  AddLayerVersionPermissionCommandOutput,
  GetLayerVersionPolicyCommandInput,
  GetLayerVersionPolicyCommandOutput,
  RemoveLayerVersionPermissionCommandInput,
  RemoveLayerVersionPermissionCommandOutput,
} from '@aws-sdk/client-lambda';
import { type CallContext, operation } from '../../context.ts';
import type { Statement } from '../../policy/types.ts';
import { conflict, notFound, precondition, validation } from './errors.ts';
import { newRevision } from './find.ts';
import { layerAccess, layerTarget } from './layer-access.ts';
import { type LayerRef, type LayerVersionRecord, layerId, layerVersions } from './layer-records.ts';
import { getLayer } from './layers.ts';
import { principalElement } from './permission-statement.ts';
import { statementsOf } from './permissions.ts';

function checkRevision(record: LayerVersionRecord, given: string | undefined): void {
  if (given !== undefined && given !== record.policy?.revisionId)
    throw precondition(
      'The Revision Id provided does not match the latest Revision Id. Call the GetLayerPolicy API to retrieve the latest Revision Id',
    );
}

function store(ctx: CallContext, ref: LayerRef, record: LayerVersionRecord, statements: Statement[]): string {
  const revisionId = newRevision(ctx);
  const { policy: _old, ...rest } = record;
  const policy = { document: { Version: '2012-10-17', Id: 'default', Statement: statements }, revisionId };
  ctx.state.put(layerVersions, ref, layerId(ref.name, ref.version), statements.length ? { ...rest, policy } : rest);
  return revisionId;
}

export const AddLayerVersionPermission = operation<
  AddLayerVersionPermissionCommandInput,
  AddLayerVersionPermissionCommandOutput
>({
  access: (ctx, input) =>
    layerAccess(ctx, 'AddLayerVersionPermission', layerTarget(ctx, input.LayerName!, input.VersionNumber!)),
  run(ctx, input) {
    const ref = layerTarget(ctx, input.LayerName!, input.VersionNumber!);
    const record = getLayer(ctx, ref);
    checkRevision(record, input.RevisionId);
    if (!/^[a-zA-Z0-9_-]{1,100}$/.test(input.StatementId!))
      throw validation(
        input.StatementId,
        'statementId',
        'Member must satisfy regular expression pattern: ([a-zA-Z0-9-_]+)',
      );
    if (input.Action !== 'lambda:GetLayerVersion')
      throw validation(
        input.Action,
        'action',
        'Member must satisfy regular expression pattern: lambda:GetLayerVersion',
      );
    if (!/^(?:\d{12}|\*|arn:aws:iam::\d{12}:root)$/.test(input.Principal!))
      throw validation(
        input.Principal,
        'principal',
        'Member must satisfy regular expression pattern: \\d{12}|\\*|arn:(aws[a-zA-Z-]*):iam::\\d{12}:root',
      );
    if (input.OrganizationId !== undefined && !/^o-[a-z0-9]{10,32}$/.test(input.OrganizationId))
      throw validation(
        input.OrganizationId,
        'organizationId',
        'Member must satisfy regular expression pattern: o-[a-z0-9]{10,32}',
      );
    const old = record.policy ? statementsOf(record.policy.document) : [];
    if (old.some(({ Sid }) => Sid === input.StatementId))
      throw conflict(
        `The statement id (${input.StatementId}) provided already exists. Please provide a new statement id, or remove the existing statement.`,
      );
    const statement: Statement = {
      Sid: input.StatementId!,
      Effect: 'Allow',
      Principal: principalElement(ctx, input.Principal!),
      Action: input.Action,
      Resource: ref.arn,
      ...(input.OrganizationId ? { Condition: { StringEquals: { 'aws:PrincipalOrgID': input.OrganizationId } } } : {}),
    };
    return { Statement: JSON.stringify(statement), RevisionId: store(ctx, ref, record, [...old, statement]) };
  },
});

export const GetLayerVersionPolicy = operation<GetLayerVersionPolicyCommandInput, GetLayerVersionPolicyCommandOutput>({
  access: (ctx, input) =>
    layerAccess(ctx, 'GetLayerVersionPolicy', layerTarget(ctx, input.LayerName!, input.VersionNumber!)),
  run(ctx, input) {
    const { policy } = getLayer(ctx, layerTarget(ctx, input.LayerName!, input.VersionNumber!));
    if (!policy) throw notFound('No policy is associated with the given resource.');
    return { Policy: JSON.stringify(policy.document), RevisionId: policy.revisionId };
  },
});

export const RemoveLayerVersionPermission = operation<
  RemoveLayerVersionPermissionCommandInput,
  RemoveLayerVersionPermissionCommandOutput
>({
  access: (ctx, input) =>
    layerAccess(ctx, 'RemoveLayerVersionPermission', layerTarget(ctx, input.LayerName!, input.VersionNumber!)),
  run(ctx, input) {
    const ref = layerTarget(ctx, input.LayerName!, input.VersionNumber!);
    const record = getLayer(ctx, ref);
    checkRevision(record, input.RevisionId);
    const old = record.policy ? statementsOf(record.policy.document) : [];
    const left = old.filter(({ Sid }) => Sid !== input.StatementId);
    if (left.length === old.length) throw notFound(`Statement ${input.StatementId} is not found in resource policy.`);
    store(ctx, ref, record, left);
    return {};
  },
});
