import type { ConditionBlock, PolicyDocument } from '../../policy/types.ts';
import type { StateReader } from '../../state/account-state.ts';
import { defineTable, type Scope } from '../../state/table.ts';

/** A grant, with the policy document that says the same. Id: the grant's id. */
export interface GrantRecord {
  grantId: string;
  token: string;
  keyId: string;
  name?: string;
  granteePrincipal: string;
  retiringPrincipal?: string;
  issuingAccount: string;
  operations: string[];
  constraints?: { subset?: Record<string, string>; equals?: Record<string, string> };
  created: number;
  document: PolicyDocument;
}

export const grants = defineTable<GrantRecord>('kms.grants');

/** All grants of a key. */
export function grantsOf(state: StateReader, key: Scope & { keyId: string }): GrantRecord[] {
  return state
    .list(grants, key)
    .map(({ value }) => value)
    .filter(({ keyId }) => keyId === key.keyId);
}

/** Operations that take an encryption context: only to these do constraints apply. */
const constrained = new Set([
  'Encrypt',
  'Decrypt',
  'GenerateDataKey',
  'GenerateDataKeyWithoutPlaintext',
  'ReEncryptFrom',
  'ReEncryptTo',
  'CreateGrant',
  'RetireGrant',
]);

/**
 * A grant as a policy document, so that one engine evaluates both.
 * Source: https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
 */
export function grantDocument(grant: Omit<GrantRecord, 'document'>): PolicyDocument {
  const Principal = principalElement(grant.granteePrincipal);
  const condition = constraintConditions(grant.constraints);
  const statement = (Sid: string, operations: string[], Condition?: ConditionBlock) =>
    operations.length === 0
      ? []
      : [
          {
            Sid,
            Effect: 'Allow' as const,
            Principal,
            Action: operations.map((operation) => `kms:${operation}`),
            Resource: '*',
            ...(Condition ? { Condition } : {}),
          },
        ];
  return {
    Version: '2012-10-17',
    Statement: [
      ...statement(
        'Grant',
        grant.operations.filter((operation) => constrained.has(operation)),
        condition,
      ),
      ...statement(
        'GrantWithoutContext',
        grant.operations.filter((operation) => !constrained.has(operation)),
      ),
    ],
  };
}

/** `sns.amazonaws.com` is a service, everything else an ARN or an account. */
export function principalElement(principal: string): Record<string, string> {
  return principal.startsWith('arn:') || /^\d{12}$/.test(principal) ? { AWS: principal } : { Service: principal };
}

function constraintConditions(constraints: GrantRecord['constraints']): ConditionBlock | undefined {
  const wanted = constraints?.equals ?? constraints?.subset;
  if (!constraints || !wanted) return undefined;
  const StringEquals = Object.fromEntries(
    Object.entries(wanted).map(([key, value]) => [`kms:EncryptionContext:${key}`, value]),
  );
  if (!constraints.equals) return { StringEquals };
  return { StringEquals, 'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': Object.keys(wanted) } };
}
