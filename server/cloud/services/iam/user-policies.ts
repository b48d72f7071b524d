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
import { policyOperations } from './identity-operations.ts';

const { put, get, delete: remove, list, attach, detach, listAttached } = policyOperations('user');

export const PutUserPolicy = operation<PutUserPolicyCommandInput, PutUserPolicyCommandOutput>(put);
export const GetUserPolicy = operation<GetUserPolicyCommandInput, GetUserPolicyCommandOutput>(get);
export const DeleteUserPolicy = operation<DeleteUserPolicyCommandInput, DeleteUserPolicyCommandOutput>(remove);
export const ListUserPolicies = operation<ListUserPoliciesCommandInput, ListUserPoliciesCommandOutput>(list);
export const AttachUserPolicy = operation<AttachUserPolicyCommandInput, AttachUserPolicyCommandOutput>(attach);
export const DetachUserPolicy = operation<DetachUserPolicyCommandInput, DetachUserPolicyCommandOutput>(detach);
export const ListAttachedUserPolicies = operation<
  ListAttachedUserPoliciesCommandInput,
  ListAttachedUserPoliciesCommandOutput
>(listAttached);
