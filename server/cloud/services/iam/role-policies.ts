import type {
  AttachRolePolicyCommandInput,
  AttachRolePolicyCommandOutput,
  DeleteRolePolicyCommandInput,
  DeleteRolePolicyCommandOutput,
  DetachRolePolicyCommandInput,
  DetachRolePolicyCommandOutput,
  GetRolePolicyCommandInput,
  GetRolePolicyCommandOutput,
  ListAttachedRolePoliciesCommandInput,
  ListAttachedRolePoliciesCommandOutput,
  ListRolePoliciesCommandInput,
  ListRolePoliciesCommandOutput,
  PutRolePolicyCommandInput,
  PutRolePolicyCommandOutput,
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

export const PutRolePolicy = operation<PutRolePolicyCommandInput, PutRolePolicyCommandOutput>({
  access: (ctx, input) => identityAccess(ctx, 'role', input.RoleName!, 'PutRolePolicy', {}, true),
  run(ctx, input) {
    putInline(ctx, 'role', input.RoleName!, input.PolicyName!, input.PolicyDocument!);
    return {};
  },
});

export const GetRolePolicy = operation<GetRolePolicyCommandInput, GetRolePolicyCommandOutput>({
  access: (ctx, input) => identityAccess(ctx, 'role', input.RoleName!, 'GetRolePolicy'),
  run: (ctx, input) => ({ RoleName: input.RoleName!, ...readInline(ctx, 'role', input.RoleName!, input.PolicyName!) }),
});

export const DeleteRolePolicy = operation<DeleteRolePolicyCommandInput, DeleteRolePolicyCommandOutput>({
  access: (ctx, input) => identityAccess(ctx, 'role', input.RoleName!, 'DeleteRolePolicy', {}, true),
  run(ctx, input) {
    deleteInline(ctx, 'role', input.RoleName!, input.PolicyName!);
    return {};
  },
});

export const ListRolePolicies = operation<ListRolePoliciesCommandInput, ListRolePoliciesCommandOutput>({
  access: (ctx, input) => identityAccess(ctx, 'role', input.RoleName!, 'ListRolePolicies'),
  run: (ctx, input) => listInline(ctx, 'role', input.RoleName!, input),
});

export const AttachRolePolicy = operation<AttachRolePolicyCommandInput, AttachRolePolicyCommandOutput>({
  access: (ctx, input) =>
    identityAccess(ctx, 'role', input.RoleName!, 'AttachRolePolicy', { 'iam:PolicyARN': input.PolicyArn! }, true),
  run(ctx, input) {
    attach(ctx, 'role', input.RoleName!, input.PolicyArn!);
    return {};
  },
});

export const DetachRolePolicy = operation<DetachRolePolicyCommandInput, DetachRolePolicyCommandOutput>({
  access: (ctx, input) =>
    identityAccess(ctx, 'role', input.RoleName!, 'DetachRolePolicy', { 'iam:PolicyARN': input.PolicyArn! }, true),
  run(ctx, input) {
    detach(ctx, 'role', input.RoleName!, input.PolicyArn!);
    return {};
  },
});

export const ListAttachedRolePolicies = operation<
  ListAttachedRolePoliciesCommandInput,
  ListAttachedRolePoliciesCommandOutput
>({
  access: (ctx, input) => identityAccess(ctx, 'role', input.RoleName!, 'ListAttachedRolePolicies'),
  run: (ctx, input) => listAttached(ctx, 'role', input.RoleName!, input),
});
