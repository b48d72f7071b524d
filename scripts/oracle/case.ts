import type { AccessRequest, Decision, PolicyDocument, Principal, Statement } from '../../server/cloud/policy/types.ts';

/** A question for the oracle. */
export interface OracleCase {
  name: string;
  request: AccessRequest;
  /** Where AWS's documentation decides, whatever the oracle says. */
  ruling?: { expected: Decision['decision']; source: string };
  /** Ask the oracle without its checks of action, resource and keys; only identity policies are looked at then. */
  unchecked?: boolean;
}

/** A line of a golden file. */
export interface GoldenCase {
  name: string;
  request: AccessRequest;
  expected: Decision['decision'];
  source?: string;
}

const GUIDE = 'https://docs.aws.amazon.com/IAM/latest/UserGuide/';

/** The pages that decide where the oracle and the engine differ. */
export const DOCS = {
  logic: `${GUIDE}reference_policies_evaluation-logic.html`,
  basics: `${GUIDE}reference_policies_evaluation-logic_policy-eval-denyallow.html`,
  operators: `${GUIDE}reference_policies_elements_condition_operators.html`,
  ifExists: `${GUIDE}reference_policies_elements_condition_operators.html#Conditions_IfExists`,
  null: `${GUIDE}reference_policies_elements_condition_operators.html#Conditions_Null`,
  dates: `${GUIDE}reference_policies_elements_condition_operators.html#Conditions_Date`,
  arns: `${GUIDE}reference_policies_elements_condition_operators.html#Conditions_ARN`,
  sets: `${GUIDE}reference_policies_condition-single-vs-multi-valued-context-keys.html`,
  variables: `${GUIDE}reference_policies_variables.html`,
  noValue: `${GUIDE}reference_policies_variables.html#policy-vars-no-value`,
  resource: `${GUIDE}reference_policies_elements_resource.html`,
  principal: `${GUIDE}reference_policies_elements_principal.html`,
  notPrincipal: `${GUIDE}reference_policies_elements_notprincipal.html`,
  accessPoints: 'https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html',
} as const;

export const HOME = '111111111111';
export const AWAY = '222222222222';

export const user: Principal = { type: 'user', account: HOME, arn: `arn:aws:iam::${HOME}:user/ada` };
export const session: Principal = {
  type: 'role',
  account: HOME,
  arn: `arn:aws:sts::${HOME}:assumed-role/reader/run-1`,
  roleArn: `arn:aws:iam::${HOME}:role/reader`,
};
export const root: Principal = { type: 'root', account: HOME, arn: `arn:aws:iam::${HOME}:root` };
export const service: Principal = {
  type: 'service',
  account: '',
  arn: 'sns.amazonaws.com',
  service: 'sns.amazonaws.com',
};
export const anonymous: Principal = { type: 'anonymous', account: '', arn: '*' };

/** A document of the current version. */
export function doc(...statements: Statement[]): PolicyDocument {
  return { Version: '2012-10-17', Statement: statements };
}

export const allowAll = doc({ Effect: 'Allow', Action: '*', Resource: '*' });
export const allowOther = doc({ Effect: 'Allow', Action: 'ec2:*', Resource: '*' });

/** A request of the home account's user for an object of its own bucket. */
export function ask(part: Partial<AccessRequest>): AccessRequest {
  return {
    principal: user,
    action: 's3:GetObject',
    resource: 'arn:aws:s3:::photos/cat.jpg',
    resourceAccount: HOME,
    context: {},
    policies: { identity: [] },
    ...part,
  };
}
