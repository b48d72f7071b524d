import type { AddPermissionCommandInput } from '@aws-sdk/client-lambda';
import type { CallContext } from '../../context.ts';
import type { ConditionBlock, Statement } from '../../policy/types.ts';
import { findRoleByArn, findUserByArn } from '../iam/tables.ts';
import { invalidParameter, validation } from './errors.ts';

const badPrincipal = (): Error =>
  invalidParameter('The provided principal was invalid. Please check the principal and try again.');

/** The Principal element as AWS stores it: an account becomes its root, anything with a dot is a service. */
export function principalElement(ctx: CallContext, principal: string): NonNullable<Statement['Principal']> {
  if (principal === '*') return '*';
  if (/^\d{12}$/.test(principal)) return { AWS: `arn:aws:iam::${principal}:root` };
  if (/^[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,4}$/.test(principal)) return { Service: principal };
  if (/^arn:aws:(?:iam|sts)::\d{12}:[a-zA-Z0-9+=,.@_/-]{1,1024}$/.test(principal)) {
    const kind = principal.split(':')[5]!;
    const known =
      kind === 'root' ||
      (kind.startsWith('role/') && findRoleByArn(ctx.state, principal)) ||
      (kind.startsWith('user/') && findUserByArn(ctx.state, principal)) ||
      kind.startsWith('assumed-role/') ||
      kind.startsWith('federated-user/');
    if (known) return { AWS: principal };
  }
  throw badPrincipal();
}

/** The principal of a statement as a request would have named it: for the key `lambda:Principal`. */
export function principalText(statement: Statement): string {
  const { Principal } = statement;
  if (Principal === undefined || typeof Principal === 'string') return Principal ?? '';
  const first = Object.values(Principal)[0];
  return (Array.isArray(first) ? first[0] : first) ?? '';
}

/**
 * The statement that AddPermission stores, as AWS writes it.
 * Source: https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html
 */
export function permissionStatement(ctx: CallContext, resource: string, input: AddPermissionCommandInput): Statement {
  const { StatementId, Action, SourceArn, SourceAccount } = input;
  if (!/^[a-zA-Z0-9_-]{1,100}$/.test(StatementId!))
    throw validation(StatementId, 'statementId', 'Member must satisfy regular expression pattern: ([a-zA-Z0-9-_]+)');
  if (!/^(?:lambda:\*|lambda:[a-zA-Z]{1,64}|\*)$/.test(Action!))
    throw validation(
      Action,
      'action',
      'Member must satisfy regular expression pattern: (lambda:[*]|lambda:[a-zA-Z]+|[*])',
    );
  // differs from AWS: `*` as region or account is taken here (AWS takes it by PutResourcePolicy alone), so that what
  // templates and scanners let pass can be tried by AddPermission too.
  if (
    SourceArn !== undefined &&
    !/^arn:aws[a-zA-Z0-9-]{0,16}:[a-zA-Z0-9-]{1,64}:(?:\*|[a-z]{2,6}(?:-[a-z0-9]{1,8})?-[a-z]{1,12}-\d)?:(?:\*|\d{12})?:[^\n]{0,1024}$/.test(
      SourceArn,
    )
  )
    throw validation(
      SourceArn,
      'sourceArn',
      'Member must satisfy regular expression pattern: arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\\-])+:((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1})?:(\\d{12})?:(.*)',
    );
  if (SourceAccount !== undefined && !/^\d{12}$/.test(SourceAccount))
    throw validation(SourceAccount, 'sourceAccount', 'Member must satisfy regular expression pattern: \\d{12}');
  if (input.PrincipalOrgID !== undefined && !/^o-[a-z0-9]{10,32}$/.test(input.PrincipalOrgID))
    throw validation(
      input.PrincipalOrgID,
      'principalOrgID',
      'Member must satisfy regular expression pattern: o-[a-z0-9]{10,32}',
    );
  if (input.FunctionUrlAuthType && Action !== 'lambda:InvokeFunctionUrl')
    throw invalidParameter('FunctionUrlAuthType is only supported for lambda:InvokeFunctionUrl action');
  if (input.InvokedViaFunctionUrl !== undefined && Action !== 'lambda:InvokeFunction')
    throw invalidParameter('InvokedViaFunctionUrl is only supported for lambda:InvokeFunction action');
  const condition = conditions(input);
  return {
    Sid: StatementId!,
    Effect: 'Allow',
    Principal: principalElement(ctx, input.Principal!),
    Action: Action!,
    Resource: resource,
    ...(Object.keys(condition).length ? { Condition: condition } : {}),
  };
}

function conditions(input: AddPermissionCommandInput): ConditionBlock {
  const equals: Record<string, string> = {
    ...(input.SourceAccount !== undefined ? { 'AWS:SourceAccount': input.SourceAccount } : {}),
    ...(input.FunctionUrlAuthType !== undefined ? { 'lambda:FunctionUrlAuthType': input.FunctionUrlAuthType } : {}),
    ...(input.EventSourceToken !== undefined ? { 'lambda:EventSourceToken': input.EventSourceToken } : {}),
    ...(input.PrincipalOrgID !== undefined ? { 'aws:PrincipalOrgID': input.PrincipalOrgID } : {}),
  };
  return {
    ...(Object.keys(equals).length ? { StringEquals: equals } : {}),
    ...(input.InvokedViaFunctionUrl !== undefined
      ? { Bool: { 'lambda:InvokedViaFunctionUrl': String(input.InvokedViaFunctionUrl) } }
      : {}),
    ...(input.SourceArn !== undefined ? { ArnLike: { 'AWS:SourceArn': input.SourceArn } } : {}),
  };
}
