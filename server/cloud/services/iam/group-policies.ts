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
import { policyOperations } from './identity-operations.ts';

const { put, get, delete: remove, list, attach, detach, listAttached } = policyOperations('group');

export const PutGroupPolicy = operation<PutGroupPolicyCommandInput, PutGroupPolicyCommandOutput>(put);
export const GetGroupPolicy = operation<GetGroupPolicyCommandInput, GetGroupPolicyCommandOutput>(get);
export const DeleteGroupPolicy = operation<DeleteGroupPolicyCommandInput, DeleteGroupPolicyCommandOutput>(remove);
export const ListGroupPolicies = operation<ListGroupPoliciesCommandInput, ListGroupPoliciesCommandOutput>(list);
export const AttachGroupPolicy = operation<AttachGroupPolicyCommandInput, AttachGroupPolicyCommandOutput>(attach);
export const DetachGroupPolicy = operation<DetachGroupPolicyCommandInput, DetachGroupPolicyCommandOutput>(detach);
export const ListAttachedGroupPolicies = operation<
  ListAttachedGroupPoliciesCommandInput,
  ListAttachedGroupPoliciesCommandOutput
>(listAttached);
