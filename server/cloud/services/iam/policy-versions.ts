import type {
  CreatePolicyVersionCommandInput,
  CreatePolicyVersionCommandOutput,
  DeletePolicyVersionCommandInput,
  DeletePolicyVersionCommandOutput,
  GetPolicyVersionCommandInput,
  GetPolicyVersionCommandOutput,
  ListPolicyVersionsCommandInput,
  ListPolicyVersionsCommandOutput,
  PolicyVersion,
  SetDefaultPolicyVersionCommandInput,
  SetDefaultPolicyVersionCommandOutput,
} from '@aws-sdk/client-iam';
import { operation } from '../../context.ts';
import type { AwsManagedPolicy } from './aws-managed.ts';
import { deleteConflict, limitExceeded, noSuchEntity, pageOf, validationError } from './checks.ts';
import { getOwnPolicy, getPolicy, policyAccess } from './policies.ts';
import { type PolicyRecord, type PolicyVersionRecord, policies } from './tables.ts';
import { checkManagedText, encodeDocument } from './texts.ts';

/** Versions, newest first; of an AWS managed policy only the default one is known here. */
function versionsOf(policy: PolicyRecord | AwsManagedPolicy): { versions: PolicyVersionRecord[]; defaultId: string } {
  if ('versions' in policy) return { versions: policy.versions.toReversed(), defaultId: policy.defaultVersionId };
  const { versionId, document, date } = policy;
  return { versions: [{ versionId, document, createDate: date }], defaultId: versionId };
}

export function describeVersion(version: PolicyVersionRecord, defaultId: string, withDocument: boolean): PolicyVersion {
  return {
    ...(withDocument ? { Document: encodeDocument(version.document) } : {}),
    VersionId: version.versionId,
    IsDefaultVersion: version.versionId === defaultId,
    CreateDate: new Date(version.createDate),
  };
}

const VERSION_ID = /^v[1-9][0-9]{0,9}$/;

function getVersion(policy: PolicyRecord | AwsManagedPolicy, versionId: string): PolicyVersionRecord {
  if (!VERSION_ID.test(versionId)) {
    throw validationError(
      `1 validation error detected: Value '${versionId.slice(0, 100)}' at 'versionId' failed to satisfy constraint: Member must satisfy regular expression pattern: v[1-9][0-9]*(\\.[A-Za-z0-9-]*)?`,
    );
  }
  const found = versionsOf(policy).versions.find((version) => version.versionId === versionId);
  if (!found) throw noSuchEntity(`Policy ${policy.arn} version ${versionId} does not exist or is not attachable.`);
  return found;
}

export const CreatePolicyVersion = operation<CreatePolicyVersionCommandInput, CreatePolicyVersionCommandOutput>({
  access: (ctx, input) => policyAccess(ctx, input.PolicyArn!, 'CreatePolicyVersion'),
  run(ctx, input) {
    const policy = getOwnPolicy(ctx, input.PolicyArn!);
    checkManagedText(input.PolicyDocument!);
    if (policy.versions.length >= 5) {
      throw limitExceeded(
        'A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.',
      );
    }
    const version: PolicyVersionRecord = {
      versionId: `v${policy.nextVersion}`,
      document: input.PolicyDocument!,
      createDate: ctx.now,
    };
    const defaultVersionId = input.SetAsDefault ? version.versionId : policy.defaultVersionId;
    ctx.state.put(policies, ctx, policy.arn, {
      ...policy,
      versions: [...policy.versions, version],
      nextVersion: policy.nextVersion + 1,
      defaultVersionId,
      updateDate: ctx.now,
    });
    return { PolicyVersion: describeVersion(version, defaultVersionId, false) };
  },
});

export const GetPolicyVersion = operation<GetPolicyVersionCommandInput, GetPolicyVersionCommandOutput>({
  access: (ctx, input) => policyAccess(ctx, input.PolicyArn!, 'GetPolicyVersion'),
  run(ctx, input) {
    const policy = getPolicy(ctx, input.PolicyArn!);
    return { PolicyVersion: describeVersion(getVersion(policy, input.VersionId!), versionsOf(policy).defaultId, true) };
  },
});

export const ListPolicyVersions = operation<ListPolicyVersionsCommandInput, ListPolicyVersionsCommandOutput>({
  access: (ctx, input) => policyAccess(ctx, input.PolicyArn!, 'ListPolicyVersions'),
  run(ctx, input) {
    const { versions, defaultId } = versionsOf(getPolicy(ctx, input.PolicyArn!));
    // Newest first, as AWS lists them.
    const order = (version: PolicyVersionRecord): string =>
      String(9_999_999_999 - Number(version.versionId.slice(1))).padStart(10, '0');
    const { page, rest } = pageOf(versions, order, input);
    return { Versions: page.map((version) => describeVersion(version, defaultId, false)), ...rest };
  },
});

export const SetDefaultPolicyVersion = operation<
  SetDefaultPolicyVersionCommandInput,
  SetDefaultPolicyVersionCommandOutput
>({
  access: (ctx, input) => policyAccess(ctx, input.PolicyArn!, 'SetDefaultPolicyVersion'),
  run(ctx, input) {
    const policy = getOwnPolicy(ctx, input.PolicyArn!);
    const { versionId } = getVersion(policy, input.VersionId!);
    ctx.state.put(policies, ctx, policy.arn, { ...policy, defaultVersionId: versionId, updateDate: ctx.now });
    return {};
  },
});

export const DeletePolicyVersion = operation<DeletePolicyVersionCommandInput, DeletePolicyVersionCommandOutput>({
  access: (ctx, input) => policyAccess(ctx, input.PolicyArn!, 'DeletePolicyVersion'),
  run(ctx, input) {
    const policy = getOwnPolicy(ctx, input.PolicyArn!);
    const { versionId } = getVersion(policy, input.VersionId!);
    if (versionId === policy.defaultVersionId) throw deleteConflict('Cannot delete the default version of a policy.');
    const versions = policy.versions.filter((version) => version.versionId !== versionId);
    ctx.state.put(policies, ctx, policy.arn, { ...policy, versions, updateDate: ctx.now });
    return {};
  },
});
