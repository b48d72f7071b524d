import {
  type AttachedPolicy,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  IAMClient,
  ListPolicyTagsCommand,
  ListPolicyVersionsCommand,
  type ManagedPolicyDetail,
  type PolicyVersion,
} from '@aws-sdk/client-iam';
import { findAwsManagedPolicy } from '../../services/iam/aws-managed.ts';
import { iamScope, type PolicyRecord, type PolicyVersionRecord, policies } from '../../services/iam/tables.ts';
import { tagsFrom } from '../../tags.ts';
import { decodedDocument, soundPolicy } from '../policy-text.ts';
import type { Mirror, Source } from '../types.ts';
import { descriptionOf, time } from './iam-identity.ts';

interface Holder {
  AttachedManagedPolicies?: AttachedPolicy[] | undefined;
}

/** The account's own managed policies, and those of AWS that are attached and that the range does not ship. */
export async function capturePolicies(
  source: Source,
  mirror: Mirror,
  details: {
    Policies: readonly ManagedPolicyDetail[];
    UserDetailList: readonly Holder[];
    GroupDetailList: readonly Holder[];
    RoleDetailList: readonly (Holder & { Path?: string | undefined })[];
  },
): Promise<void> {
  const holders: Holder[] = [
    ...details.UserDetailList,
    ...details.GroupDetailList,
    ...details.RoleDetailList.filter(({ Path }) => !Path?.startsWith('/aws-service-role/')),
  ];
  const attached = holders.flatMap(({ AttachedManagedPolicies = [] }) => AttachedManagedPolicies);
  const unknown = new Set(
    attached
      .map(({ PolicyArn }) => PolicyArn!)
      .filter((arn) => arn.startsWith('arn:aws:iam::aws:') && !findAwsManagedPolicy(arn)),
  );
  await Promise.all([
    source.each(details.Policies, (detail) => captureOwn(source, mirror, detail)),
    source.each([...unknown], (arn) => captureAws(source, mirror, arn)),
  ]);
}

async function captureOwn(source: Source, mirror: Mirror, detail: ManagedPolicyDetail): Promise<void> {
  const iam = source.client(IAMClient);
  const PolicyArn = detail.Arn!;
  const what = `policy ${PolicyArn}`;
  const [answer, Tags, listed, versions] = await Promise.all([
    source.read(what, () => iam.send(new GetPolicyCommand({ PolicyArn }))),
    source.pages(
      `the tags of ${what}`,
      (Marker) => iam.send(new ListPolicyTagsCommand({ PolicyArn, Marker })),
      (page) => ({ items: page.Tags, next: page.IsTruncated ? page.Marker : undefined }),
    ),
    // MiniStack gives the versions' times only here.
    source.pages(
      `the versions of ${what}`,
      (Marker) => iam.send(new ListPolicyVersionsCommand({ PolicyArn, Marker })),
      (page) => ({ items: page.Versions, next: page.IsTruncated ? page.Marker : undefined }),
    ),
    source.each(detail.PolicyVersionList ?? [], (version) => readVersion(source, what, version)),
  ]);
  const policy = answer?.Policy;
  if (!policy) return;
  const numbered = versions
    .filter((version) => version !== undefined)
    .map((version) => ({
      ...version,
      createDate: time(listed.find(({ VersionId }) => VersionId === version.versionId)?.CreateDate),
    }))
    .sort((a, b) => numberOf(a) - numberOf(b));
  const defaultVersionId = policy.DefaultVersionId ?? 'v1';
  // Every reader takes the default version for granted.
  if (!numbered.some(({ versionId }) => versionId === defaultVersionId)) return;
  const known = mirror.was.get(policies, source.scope, PolicyArn);
  mirror.put<PolicyRecord>(policies, source.scope, PolicyArn, {
    policyName: policy.PolicyName!,
    policyId: policy.PolicyId!,
    arn: PolicyArn,
    path: policy.Path ?? '/',
    createDate: time(policy.CreateDate),
    updateDate: time(policy.UpdateDate),
    defaultVersionId,
    nextVersion: Math.max(known?.policyId === policy.PolicyId ? known!.nextVersion : 2, numberOf(numbered.at(-1)!) + 1),
    versions: numbered,
    tags: tagsFrom(Tags),
    ...descriptionOf(policy.Description),
  });
}

const numberOf = ({ versionId }: { versionId: string }): number => Number(versionId.slice(1));

async function readVersion(
  source: Source,
  what: string,
  version: PolicyVersion,
): Promise<PolicyVersionRecord | undefined> {
  const versionId = version.VersionId!;
  const text = decodedDocument(version.Document);
  const sound = await soundPolicy(source, `version ${versionId} of ${what}`, text, 'identity');
  return sound && { versionId, document: sound.text, createDate: time(version.CreateDate) };
}

/**
 * An AWS managed policy that the range does not ship, and somebody attached. Without it the policy engine would not see
 * what it allows. It belongs to no account: its scope is `aws`, as in its ARN.
 */
async function captureAws(source: Source, mirror: Mirror, PolicyArn: string): Promise<void> {
  const iam = source.client(IAMClient);
  const what = `policy ${PolicyArn}`;
  const answer = await source.read(what, () => iam.send(new GetPolicyCommand({ PolicyArn })));
  const VersionId = answer?.Policy?.DefaultVersionId;
  if (!VersionId) return;
  const read = await source.read(what, () => iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId })));
  const version = read?.PolicyVersion && (await readVersion(source, what, { ...read.PolicyVersion, VersionId }));
  if (!version) return;
  mirror.put<PolicyRecord>(policies, iamScope('aws'), PolicyArn, {
    policyName: PolicyArn.slice(PolicyArn.lastIndexOf('/') + 1),
    // An emulator makes up an id of its own for AWS's policies, with every start.
    policyId: PolicyArn,
    arn: PolicyArn,
    path: answer?.Policy?.Path ?? '/',
    createDate: 0,
    updateDate: 0,
    defaultVersionId: VersionId,
    nextVersion: numberOf(version) + 1,
    versions: [{ ...version, createDate: 0 }],
    tags: {},
  });
}
