import type { AttachedPermissionsBoundary, AttachedPolicy, PolicyDetail } from '@aws-sdk/client-iam';
import type { Identity, InlinePolicy } from '../../services/iam/tables.ts';
import { decodedDocument, soundPolicy } from '../policy-text.ts';
import type { Source } from '../types.ts';

/** What IAM says for "there is none"; LocalStack and MiniStack use the long name. */
export const none = ['NoSuchEntity', 'NoSuchEntityException'];

/** Members of a user, group or role that `GetAccountAuthorizationDetails` gives. */
export async function identityOf(
  source: Source,
  what: string,
  detail: {
    Arn?: string | undefined;
    Path?: string | undefined;
    CreateDate?: Date | undefined;
    AttachedManagedPolicies?: AttachedPolicy[] | undefined;
  },
  inline: PolicyDetail[] | undefined,
): Promise<Identity> {
  return {
    arn: detail.Arn!,
    path: detail.Path ?? '/',
    createDate: time(detail.CreateDate),
    inline: await inlineOf(source, what, inline),
    attached: (detail.AttachedManagedPolicies ?? []).map(({ PolicyArn }) => PolicyArn!),
  };
}

async function inlineOf(source: Source, what: string, list: PolicyDetail[] | undefined): Promise<InlinePolicy[]> {
  const read = await source.each(list ?? [], async ({ PolicyName, PolicyDocument }) => {
    const text = decodedDocument(PolicyDocument);
    const sound = await soundPolicy(source, `inline policy "${PolicyName}" of ${what}`, text, 'identity');
    return sound ? [{ name: PolicyName!, document: sound.text }] : [];
  });
  return read.flat();
}

/** The boundary's ARN; emulators answer an empty one for none. */
export function boundaryOf(boundary: AttachedPermissionsBoundary | undefined): { boundary?: string } {
  return boundary?.PermissionsBoundaryArn ? { boundary: boundary.PermissionsBoundaryArn } : {};
}

/** Emulators answer an empty description where there is none. */
export function descriptionOf(description: string | undefined): { description?: string } {
  return description ? { description } : {};
}

export const time = (date: Date | undefined): number => date?.getTime() ?? 0;
