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
import { policyOperations } from './identity-operations.ts';

const { put, get, delete: remove, list, attach, detach, listAttached } = policyOperations('role');

export const PutRolePolicy = operation<PutRolePolicyCommandInput, PutRolePolicyCommandOutput>(put);
export const GetRolePolicy = operation<GetRolePolicyCommandInput, GetRolePolicyCommandOutput>(get);
export const DeleteRolePolicy = operation<DeleteRolePolicyCommandInput, DeleteRolePolicyCommandOutput>(remove);
export const ListRolePolicies = operation<ListRolePoliciesCommandInput, ListRolePoliciesCommandOutput>(list);
export const AttachRolePolicy = operation<AttachRolePolicyCommandInput, AttachRolePolicyCommandOutput>(attach);
export const DetachRolePolicy = operation<DetachRolePolicyCommandInput, DetachRolePolicyCommandOutput>(detach);
export const ListAttachedRolePolicies = operation<
  ListAttachedRolePoliciesCommandInput,
  ListAttachedRolePoliciesCommandOutput
>(listAttached);
