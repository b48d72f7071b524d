import type {
  AddPermissionCommandInput,
  AddPermissionCommandOutput,
  DeleteResourcePolicyCommandInput,
  DeleteResourcePolicyCommandOutput,
  GetPolicyCommandInput,
  GetPolicyCommandOutput,
  GetResourcePolicyCommandInput,
  GetResourcePolicyCommandOutput,
  PutResourcePolicyCommandInput,
  PutResourcePolicyCommandOutput,
  RemovePermissionCommandInput,
  RemovePermissionCommandOutput,
} from '@aws-sdk/client-lambda';
import { type CallContext, type ConditionContext, operation } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import { parsePolicy } from '../../policy/index.ts';
import type { PolicyDocument, Statement } from '../../policy/types.ts';
import { conflict, invalidParameter, notFound, precondition, validation } from './errors.ts';
import { functionAccess, getVersion, newRevision } from './find.ts';
import { functionTarget, type Target } from './names.ts';
import { permissionStatement, principalText } from './permission-statement.ts';
import { functionPolicies, type PolicyRecord } from './records.ts';

/** 20 KB: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const policyLimit = 20_480;

const policyId = (target: Target): string => (target.qualifier ? `${target.name}:${target.qualifier}` : target.name);

/** The thing that a policy hangs on must exist, and cannot be `$LATEST`. */
function policyTarget(ctx: CallContext, functionName: string, qualifier: string | undefined): Target {
  const target = functionTarget(ctx, functionName, qualifier);
  if (target.qualifier === '$LATEST')
    throw invalidParameter('We currently do not support adding policies for $LATEST.');
  return target;
}

export const statementsOf = (document: PolicyDocument): Statement[] =>
  Array.isArray(document.Statement) ? document.Statement : [document.Statement];

function checkRevision(record: PolicyRecord | undefined, given: string | undefined): void {
  if (given !== undefined && given !== record?.revisionId)
    throw precondition(
      'The RevisionId provided does not match the latest RevisionId. Call the GetPolicy API to retrieve the latest RevisionId',
    );
}

function storePolicy(ctx: CallContext, target: Target, document: PolicyDocument): PolicyRecord {
  const size = Buffer.byteLength(JSON.stringify(document));
  if (size > policyLimit)
    throw new AwsError(
      'PolicyLengthExceededException',
      `The final policy size (${size}) is bigger than the limit (${policyLimit}).`,
      400,
      { Type: 'User' },
    );
  const record: PolicyRecord = { document, revisionId: newRevision(ctx) };
  ctx.state.put(functionPolicies, target, policyId(target), record);
  return record;
}

export const AddPermission = operation<AddPermissionCommandInput, AddPermissionCommandOutput>({
  access: (ctx, input) =>
    functionAccess(ctx, 'AddPermission', functionTarget(ctx, input.FunctionName!, input.Qualifier), {
      'lambda:Principal': input.Principal!,
      ...(input.FunctionUrlAuthType ? { 'lambda:FunctionUrlAuthType': input.FunctionUrlAuthType } : {}),
    }),
  run(ctx, input) {
    const target = policyTarget(ctx, input.FunctionName!, input.Qualifier);
    getVersion(ctx.state, target);
    const statement = permissionStatement(ctx, target.arn, input);
    const old = ctx.state.get(functionPolicies, target, policyId(target));
    checkRevision(old, input.RevisionId);
    const statements = old ? statementsOf(old.document) : [];
    if (statements.some(({ Sid }) => Sid === input.StatementId))
      throw conflict(
        `The statement id (${input.StatementId}) provided already exists. Please provide a new statement id, or remove the existing statement.`,
      );
    storePolicy(ctx, target, {
      Version: '2012-10-17',
      Id: 'default',
      ...old?.document,
      Statement: [...statements, statement],
    });
    return { Statement: JSON.stringify(statement) };
  },
});

export const RemovePermission = operation<RemovePermissionCommandInput, RemovePermissionCommandOutput>({
  access(ctx, input) {
    const target = functionTarget(ctx, input.FunctionName!, input.Qualifier);
    const record = ctx.state.get(functionPolicies, target, policyId(target));
    const statement = record && statementsOf(record.document).find(({ Sid }) => Sid === input.StatementId);
    return functionAccess(ctx, 'RemovePermission', target, statement ? statementContext(statement) : {});
  },
  run(ctx, input) {
    const target = functionTarget(ctx, input.FunctionName!, input.Qualifier);
    getVersion(ctx.state, target);
    const old = ctx.state.get(functionPolicies, target, policyId(target));
    if (!old) throw notFound('No policy is associated with the given resource.');
    checkRevision(old, input.RevisionId);
    const statements = statementsOf(old.document);
    const left = statements.filter(({ Sid }) => Sid !== input.StatementId);
    if (left.length === statements.length)
      throw notFound(`Statement ${input.StatementId} is not found in resource policy.`);
    if (left.length === 0) ctx.state.delete(functionPolicies, target, policyId(target));
    else storePolicy(ctx, target, { ...old.document, Statement: left });
    return {};
  },
});

function statementContext(statement: Statement): ConditionContext {
  const authType = statement.Condition?.StringEquals?.['lambda:FunctionUrlAuthType'];
  return {
    'lambda:Principal': principalText(statement),
    ...(typeof authType === 'string' ? { 'lambda:FunctionUrlAuthType': authType } : {}),
  };
}

export const GetPolicy = operation<GetPolicyCommandInput, GetPolicyCommandOutput>({
  access: (ctx, input) => functionAccess(ctx, 'GetPolicy', functionTarget(ctx, input.FunctionName!, input.Qualifier)),
  run(ctx, input) {
    const target = functionTarget(ctx, input.FunctionName!, input.Qualifier);
    getVersion(ctx.state, target);
    const record = ctx.state.get(functionPolicies, target, policyId(target));
    if (!record) throw notFound('The resource you requested does not exist.');
    return { Policy: JSON.stringify(record.document), RevisionId: record.revisionId };
  },
});

/** Free-form policies: https://docs.aws.amazon.com/lambda/latest/api/API_PutResourcePolicy.html */
function resourceTarget(ctx: CallContext, arn: string): Target {
  if (!arn.startsWith('arn:aws:lambda:'))
    throw validation(
      arn,
      'resourceArn',
      'Member must satisfy regular expression pattern: arn:(aws[a-zA-Z-]*)?:lambda:…',
    );
  return policyTarget(ctx, arn, undefined);
}

function documentPrincipals(document: PolicyDocument): ConditionContext {
  const principals = statementsOf(document).map(principalText);
  return principals.length ? { 'lambda:Principal': principals } : {};
}

function readDocument(text: string): PolicyDocument {
  const { document, problems } = parsePolicy(text, 'resource');
  if (!document)
    throw invalidParameter(`The provided policy is invalid: ${problems[0]?.message ?? 'Syntax errors in policy.'}`);
  return document;
}

export const PutResourcePolicy = operation<PutResourcePolicyCommandInput, PutResourcePolicyCommandOutput>({
  access: (ctx, input) =>
    functionAccess(
      ctx,
      'PutResourcePolicy',
      resourceTarget(ctx, input.ResourceArn!),
      documentPrincipals(readDocument(input.Policy!)),
    ),
  run(ctx, input) {
    const target = resourceTarget(ctx, input.ResourceArn!);
    getVersion(ctx.state, target);
    checkRevision(ctx.state.get(functionPolicies, target, policyId(target)), input.RevisionId);
    const record = storePolicy(ctx, target, readDocument(input.Policy!));
    return { Policy: JSON.stringify(record.document), RevisionId: record.revisionId };
  },
});

export const GetResourcePolicy = operation<GetResourcePolicyCommandInput, GetResourcePolicyCommandOutput>({
  access: (ctx, input) => functionAccess(ctx, 'GetResourcePolicy', resourceTarget(ctx, input.ResourceArn!)),
  run(ctx, input) {
    const target = resourceTarget(ctx, input.ResourceArn!);
    getVersion(ctx.state, target);
    const record = ctx.state.get(functionPolicies, target, policyId(target));
    if (!record) throw notFound('The resource you requested does not exist.');
    return { Policy: JSON.stringify(record.document), RevisionId: record.revisionId };
  },
});

export const DeleteResourcePolicy = operation<DeleteResourcePolicyCommandInput, DeleteResourcePolicyCommandOutput>({
  access(ctx, input) {
    const target = resourceTarget(ctx, input.ResourceArn!);
    const record = ctx.state.get(functionPolicies, target, policyId(target));
    return functionAccess(ctx, 'DeleteResourcePolicy', target, record ? documentPrincipals(record.document) : {});
  },
  run(ctx, input) {
    const target = resourceTarget(ctx, input.ResourceArn!);
    getVersion(ctx.state, target);
    const record = ctx.state.get(functionPolicies, target, policyId(target));
    if (!record) throw notFound('The resource you requested does not exist.');
    checkRevision(record, input.RevisionId);
    ctx.state.delete(functionPolicies, target, policyId(target));
    return {};
  },
});
