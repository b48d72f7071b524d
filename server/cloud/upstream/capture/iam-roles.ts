import {
  GetRoleCommand,
  IAMClient,
  ListInstanceProfilesCommand,
  ListInstanceProfileTagsCommand,
  type RoleDetail,
} from '@aws-sdk/client-iam';
import { instanceProfiles, type RoleRecord, roles } from '../../services/iam/tables.ts';
import { tagsFrom } from '../../tags.ts';
import { decodedDocument, soundPolicy } from '../policy-text.ts';
import type { Mirror, Source } from '../types.ts';
import { boundaryOf, descriptionOf, identityOf, none, time } from './iam-identity.ts';

/** Roles of AWS's own making, such as the learner's administrator, which no API call can make: they live in the mirror. */
export const isReserved = (role: { path: string }): boolean => role.path.startsWith('/aws-reserved/');

/** The roles of the endpoint, and the reserved ones that the mirror has. */
export async function captureRoles(source: Source, mirror: Mirror, details: readonly RoleDetail[]): Promise<void> {
  const kept = mirror.was.list(roles, source.scope).filter(({ value }) => isReserved(value));
  for (const { id, value } of kept) mirror.put(roles, source.scope, id, value);
  await source.each(
    // A role that somebody made in the endpoint under a reserved one's name is not that one.
    details.filter(({ RoleName }) => !kept.some(({ id }) => id === RoleName)),
    async (detail) => {
      const role = await readRole(source, detail, mirror.was.get(roles, source.scope, detail.RoleName!));
      if (role) mirror.put(roles, source.scope, role.roleName, role);
    },
  );
}

async function readRole(
  source: Source,
  detail: RoleDetail,
  known: RoleRecord | undefined,
): Promise<RoleRecord | undefined> {
  const iam = source.client(IAMClient);
  const roleName = detail.RoleName!;
  const what = `role ${roleName}`;
  const [identity, trust, answer] = await Promise.all([
    identityOf(source, what, detail, detail.RolePolicyList),
    soundPolicy(source, `the trust policy of ${what}`, decodedDocument(detail.AssumeRolePolicyDocument), 'trust'),
    source.read(what, () => iam.send(new GetRoleCommand({ RoleName: roleName })), none),
  ]);
  const role = answer?.Role;
  if (!role) return undefined;
  return {
    ...identity,
    // As here: service-linked roles have no policies, as the range's services act on their own.
    ...(identity.path.startsWith('/aws-service-role/') ? { attached: [] } : {}),
    roleName,
    roleId: role.RoleId!,
    assumeRolePolicyDocument: known?.roleId === role.RoleId ? trustOf(known!, trust) : (trust?.text ?? trustsNobody),
    maxSessionDuration: role.MaxSessionDuration ?? 3600,
    tags: tagsFrom(role.Tags),
    ...descriptionOf(role.Description),
    ...boundaryOf(role.PermissionsBoundary),
  };
}

/**
 * AWS names a principal that was deleted by its id, so that a new one of its name is not trusted; emulators leave the ARN.
 * The mirror's text stands where this is all that differs.
 */
function trustOf(known: RoleRecord, found: { text: string; document: object } | undefined): string {
  if (!found) return trustsNobody;
  const text = known.assumeRolePolicyDocument;
  return isSameButForIds(JSON.parse(text), found.document) ? text : found.text;
}

function isSameButForIds(known: unknown, found: unknown): boolean {
  if (typeof known === 'string' && typeof found === 'string')
    return known === found || (/^\w{16,}$/.test(known) && /^arn:aws:iam::\d{12}:(?:role|user)\//.test(found));
  if (typeof known !== 'object' || typeof found !== 'object' || !known || !found) return known === found;
  const [names, others] = [Object.keys(known), Object.keys(found)];
  return (
    names.length === others.length &&
    names.every((name) =>
      isSameButForIds((known as Record<string, unknown>)[name], (found as Record<string, unknown>)[name]),
    )
  );
}

const trustsNobody = JSON.stringify({ Version: '2012-10-17', Statement: [] });

export async function captureProfiles(source: Source, mirror: Mirror): Promise<void> {
  const iam = source.client(IAMClient);
  const found = await source.pages(
    'the instance profiles',
    (Marker) => iam.send(new ListInstanceProfilesCommand({ Marker })),
    (page) => ({ items: page.InstanceProfiles, next: page.IsTruncated ? page.Marker : undefined }),
  );
  await source.each(found, async (profile) => {
    const InstanceProfileName = profile.InstanceProfileName!;
    const Tags = await source.pages(
      `the tags of instance profile ${InstanceProfileName}`,
      (Marker) => iam.send(new ListInstanceProfileTagsCommand({ InstanceProfileName, Marker })),
      (page) => ({ items: page.Tags, next: page.IsTruncated ? page.Marker : undefined }),
    );
    mirror.put(instanceProfiles, source.scope, InstanceProfileName, {
      instanceProfileName: InstanceProfileName,
      instanceProfileId: profile.InstanceProfileId!,
      arn: profile.Arn!,
      path: profile.Path ?? '/',
      createDate: time(profile.CreateDate),
      roles: (profile.Roles ?? []).map(({ RoleName }) => RoleName!),
      tags: tagsFrom(Tags),
    });
  });
}
