import { parsePolicy } from '../../policy/index.ts';
import type { PolicyDocument, Statement } from '../../policy/types.ts';
import { invalidParameter } from './errors.ts';

const ownerActions = [
  'SNS:GetTopicAttributes',
  'SNS:SetTopicAttributes',
  'SNS:AddPermission',
  'SNS:RemovePermission',
  'SNS:DeleteTopic',
  'SNS:Subscribe',
  'SNS:ListSubscriptionsByTopic',
  'SNS:Publish',
];

/** The policy of a topic that was given none. Source: https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html */
export function defaultPolicy(arn: string, account: string): string {
  return JSON.stringify({
    Version: '2008-10-17',
    Id: '__default_policy_ID',
    Statement: [
      {
        Sid: '__default_statement_ID',
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Action: ownerActions,
        Resource: arn,
        Condition: { StringEquals: { 'AWS:SourceOwner': account } },
      },
    ],
  });
}

/** Checks a topic's policy as SetTopicAttributes does. @throws InvalidParameterException */
export function checkPolicy(text: string): void {
  const { document, problems } = parsePolicy(text, 'resource');
  if (!document) throw invalidParameter(`Policy Error: ${problems[0]?.message ?? 'null'}`);
  for (const statement of statementsOf(document)) {
    const actions = [statement.Action ?? statement.NotAction ?? []].flat();
    // SNS knows its own actions only, and refuses `*` and `sns:*`.
    if (actions.some((action) => !/^sns:[a-z]/i.test(action)))
      throw invalidParameter('Policy statement action out of service scope!');
    if ([statement.Resource ?? statement.NotResource ?? []].flat().length !== 1)
      throw invalidParameter('Policy statement must apply to a single resource');
  }
}

export function statementsOf(document: PolicyDocument): Statement[] {
  return [document.Statement].flat();
}
