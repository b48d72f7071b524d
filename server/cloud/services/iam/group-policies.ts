import type {
  AttachGroupPolicyCommandInput,
  AttachGroupPolicyCommandOutput,
  DeleteGroupPolicyCommandInput,
  DeleteGroupPolicyCommandOutput,
  DetachGroupPolicyCommandInput,
  DetachGroupPolicyCommandOutput,
  GetGroupPolicyCommandInput,
  GetGroupPolicyCommandOutput,
  ListAttachedGroupPoliciesCommandInput,
  ListAttachedGroupPoliciesCommandOutput,
  ListGroupPoliciesCommandInput,
  ListGroupPoliciesCommandOutput,
  PutGroupPolicyCommandInput,
  PutGroupPolicyCommandOutput,
} from '@aws-sdk/client-iam';
import { operation } from '../../context.ts';
import {
  attach,
  deleteInline,
  detach,
  identityAccess,
  listAttached,
  listInline,
  putInline,
  readInline,
} from './identities.ts';

export const PutGroupPolicy = operation<PutGroupPolicyCommandInput, PutGroupPolicyCommandOutput>({
  access: (ctx, input) => identityAccess(ctx, 'group', input.GroupName!, 'PutGroupPolicy'),
  run(ctx, input) {
    putInline(ctx, 'group', input.GroupName!, input.PolicyName!, input.PolicyDocument!);
    return {};
  },
});

export const GetGroupPolicy = operation<GetGroupPolicyCommandInput, GetGroupPolicyCommandOutput>({
  access: (ctx, input) => identityAccess(ctx, 'group', input.GroupName!, 'GetGroupPolicy'),
  run: (ctx, input) => ({
    GroupName: input.GroupName!,
    ...readInline(ctx, 'group', input.GroupName!, input.PolicyName!),
  }),
});

export const DeleteGroupPolicy = operation<DeleteGroupPolicyCommandInput, DeleteGroupPolicyCommandOutput>({
  access: (ctx, input) => identityAccess(ctx, 'group', input.GroupName!, 'DeleteGroupPolicy'),
  run(ctx, input) {
    deleteInline(ctx, 'group', input.GroupName!, input.PolicyName!);
    return {};
  },
});

export const ListGroupPolicies = operation<ListGroupPoliciesCommandInput, ListGroupPoliciesCommandOutput>({
  access: (ctx, input) => identityAccess(ctx, 'group', input.GroupName!, 'ListGroupPolicies'),
  run: (ctx, input) => listInline(ctx, 'group', input.GroupName!, input),
});

export const AttachGroupPolicy = operation<AttachGroupPolicyCommandInput, AttachGroupPolicyCommandOutput>({
  access: (ctx, input) =>
    identityAccess(ctx, 'group', input.GroupName!, 'AttachGroupPolicy', { 'iam:PolicyARN': input.PolicyArn! }),
  run(ctx, input) {
    attach(ctx, 'group', input.GroupName!, input.PolicyArn!);
    return {};
  },
});

export const DetachGroupPolicy = operation<DetachGroupPolicyCommandInput, DetachGroupPolicyCommandOutput>({
  access: (ctx, input) =>
    identityAccess(ctx, 'group', input.GroupName!, 'DetachGroupPolicy', { 'iam:PolicyARN': input.PolicyArn! }),
  run(ctx, input) {
    detach(ctx, 'group', input.GroupName!, input.PolicyArn!);
    return {};
  },
});

export const ListAttachedGroupPolicies = operation<
  ListAttachedGroupPoliciesCommandInput,
  ListAttachedGroupPoliciesCommandOutput
>({
  access: (ctx, input) => identityAccess(ctx, 'group', input.GroupName!, 'ListAttachedGroupPolicies'),
  run: (ctx, input) => listAttached(ctx, 'group', input.GroupName!, input),
});
