import type {
  AddPermissionCommandInput,
  AddPermissionCommandOutput,
  RemovePermissionCommandInput,
  RemovePermissionCommandOutput,
} from '@aws-sdk/client-sns';
import { operation } from '../../context.ts';
import { policyDocument } from '../iam/documents.ts';
import { invalidParameter } from './errors.ts';
import { getTopic, placeOfTopic, topicAccess, topics } from './store.ts';
import { checkPolicy, statementsOf } from './topic-policy.ts';

/** https://docs.aws.amazon.com/sns/latest/api/API_AddPermission.html: a statement that lets whole accounts act. */
export const AddPermission = operation<AddPermissionCommandInput, AddPermissionCommandOutput>({
  access: (ctx, input) => topicAccess(ctx, 'sns:AddPermission', placeOfTopic(input.TopicArn)),
  run(ctx, input) {
    const place = placeOfTopic(input.TopicArn);
    const topic = getTopic(ctx.state, place);
    const document = policyDocument(topic.policy);
    const statements = statementsOf(document);
    if (!/^[\w-]{1,80}$/.test(input.Label!)) throw invalidParameter('Label');
    if (statements.some(({ Sid }) => Sid === input.Label)) throw invalidParameter('Statement already exists');
    const accounts = input.AWSAccountId ?? [];
    if (accounts.length === 0 || accounts.some((account) => !/^\d{12}$/.test(account)))
      throw invalidParameter('AWSAccountId');
    const actions = input.ActionName ?? [];
    if (actions.length === 0 || actions.some((action) => !/^[A-Za-z]+$/.test(action)))
      throw invalidParameter('ActionName');
    const principals = accounts.map((account) => `arn:aws:iam::${account}:root`);
    const names = actions.map((action) => `SNS:${action}`);
    const statement = {
      Sid: input.Label!,
      Effect: 'Allow',
      Principal: { AWS: principals.length === 1 ? principals[0] : principals },
      Action: names.length === 1 ? names[0] : names,
      Resource: place.arn,
    };
    const policy = JSON.stringify({ ...document, Statement: [...statements, statement] });
    checkPolicy(policy);
    ctx.state.put(topics, place, place.name, { ...topic, policy });
    return {};
  },
});

/** https://docs.aws.amazon.com/sns/latest/api/API_RemovePermission.html */
export const RemovePermission = operation<RemovePermissionCommandInput, RemovePermissionCommandOutput>({
  access: (ctx, input) => topicAccess(ctx, 'sns:RemovePermission', placeOfTopic(input.TopicArn)),
  run(ctx, input) {
    const place = placeOfTopic(input.TopicArn);
    const topic = getTopic(ctx.state, place);
    const document = policyDocument(topic.policy);
    const rest = statementsOf(document).filter(({ Sid }) => Sid !== input.Label);
    ctx.state.put(topics, place, place.name, { ...topic, policy: JSON.stringify({ ...document, Statement: rest }) });
    return {};
  },
});
