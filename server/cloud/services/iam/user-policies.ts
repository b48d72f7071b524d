import type {
  AttachUserPolicyCommandInput,
  AttachUserPolicyCommandOutput,
  DeleteUserPolicyCommandInput,
  DeleteUserPolicyCommandOutput,
  DetachUserPolicyCommandInput,
  DetachUserPolicyCommandOutput,
  GetUserPolicyCommandInput,
  GetUserPolicyCommandOutput,
  ListAttachedUserPoliciesCommandInput,
  ListAttachedUserPoliciesCommandOutput,
  ListUserPoliciesCommandInput,
  ListUserPoliciesCommandOutput,
  PutUserPolicyCommandInput,
  PutUserPolicyCommandOutput,
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

export const PutUserPolicy = operation<PutUserPolicyCommandInput, PutUserPolicyCommandOutput>({
  access: (ctx, input) => identityAccess(ctx, 'user', input.UserName!, 'PutUserPolicy', {}, true),
  run(ctx, input) {
    putInline(ctx, 'user', input.UserName!, input.PolicyName!, input.PolicyDocument!);
    return {};
  },
});

export const GetUserPolicy = operation<GetUserPolicyCommandInput, GetUserPolicyCommandOutput>({
  access: (ctx, input) => identityAccess(ctx, 'user', input.UserName!, 'GetUserPolicy'),
  run: (ctx, input) => ({ UserName: input.UserName!, ...readInline(ctx, 'user', input.UserName!, input.PolicyName!) }),
});

export const DeleteUserPolicy = operation<DeleteUserPolicyCommandInput, DeleteUserPolicyCommandOutput>({
  access: (ctx, input) => identityAccess(ctx, 'user', input.UserName!, 'DeleteUserPolicy', {}, true),
  run(ctx, input) {
    deleteInline(ctx, 'user', input.UserName!, input.PolicyName!);
    return {};
  },
});

export const ListUserPolicies = operation<ListUserPoliciesCommandInput, ListUserPoliciesCommandOutput>({
  access: (ctx, input) => identityAccess(ctx, 'user', input.UserName!, 'ListUserPolicies'),
  run: (ctx, input) => listInline(ctx, 'user', input.UserName!, input),
});

export const AttachUserPolicy = operation<AttachUserPolicyCommandInput, AttachUserPolicyCommandOutput>({
  access: (ctx, input) =>
    identityAccess(ctx, 'user', input.UserName!, 'AttachUserPolicy', { 'iam:PolicyARN': input.PolicyArn! }, true),
  run(ctx, input) {
    attach(ctx, 'user', input.UserName!, input.PolicyArn!);
    return {};
  },
});

export const DetachUserPolicy = operation<DetachUserPolicyCommandInput, DetachUserPolicyCommandOutput>({
  access: (ctx, input) =>
    identityAccess(ctx, 'user', input.UserName!, 'DetachUserPolicy', { 'iam:PolicyARN': input.PolicyArn! }, true),
  run(ctx, input) {
    detach(ctx, 'user', input.UserName!, input.PolicyArn!);
    return {};
  },
});

export const ListAttachedUserPolicies = operation<
  ListAttachedUserPoliciesCommandInput,
  ListAttachedUserPoliciesCommandOutput
>({
  access: (ctx, input) => identityAccess(ctx, 'user', input.UserName!, 'ListAttachedUserPolicies'),
  run: (ctx, input) => listAttached(ctx, 'user', input.UserName!, input),
});
