import { createHash } from 'node:crypto';
import type { ResourceType } from '@aws-sdk/client-accessanalyzer';
import { NotEmulated } from '../../errors.ts';
import { evaluate } from '../../policy/index.ts';
import type { NamedPolicy, Principal, Statement } from '../../policy/types.ts';

/** A resource with policies of its own. */
export interface Shared {
  type: ResourceType;
  arn: string;
  owner: string;
  policies: NamedPolicy[];
  /** Trust and key policies: nobody is let in by an identity policy alone. */
  strict?: boolean;
}

/** Somebody outside of the account may use a resource. */
export interface ExternalAccess {
  id: string;
  resource: Shared;
  principal: Record<string, string>;
  actions: string[];
  condition: Record<string, string>;
  isPublic: boolean;
}

/**
 * Who of outside a resource's policies let in. Each statement that names a stranger is put to the policy engine, as that
 * stranger with every right of its own, so that denials count; services of AWS are no strangers.
 * differs from AWS: a condition is taken at the first value that it asks for, not proven for all values.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-concepts.html
 */
export async function externalAccess(
  resource: Shared,
  budget: Budget = { questions: mostQuestions },
): Promise<ExternalAccess[]> {
  const found: ExternalAccess[] = [];
  for (const { document } of resource.policies)
    for (const statement of [document.Statement].flat()) {
      if (statement.Effect !== 'Allow') continue;
      for (const stranger of strangersOf(statement, resource.owner)) {
        const actions = await allowedActions(resource, statement, stranger, budget);
        if (actions.length) found.push(finding(resource, statement, stranger, actions));
      }
    }
  return [...new Map(found.map((each) => [each.id, each])).values()];
}

/** Questions to the engine that one call may still ask: policies are learners' texts, and may name thousands. */
export interface Budget {
  questions: number;
}
export const mostQuestions = 5_000;

interface Stranger {
  /** As the finding shows it. */
  shown: Record<string, string>;
  caller: Principal;
}

/** An account that nobody has. */
const nobodys = '000000000000';

function strangersOf(statement: Statement, owner: string): Stranger[] {
  const anybody = {
    shown: { AWS: '*' },
    caller: { type: 'user', account: nobodys, arn: `arn:aws:iam::${nobodys}:user/anybody` } as Principal,
  };
  const { Principal: element } = statement;
  // Everybody but some.
  if (statement.NotPrincipal !== undefined || element === '*') return [anybody];
  if (element === undefined || typeof element === 'string') return [];
  const aws = [element.AWS ?? []].flat().flatMap((text): Stranger[] => {
    if (text === '*') return [anybody];
    const account = /^\d{12}$/.test(text) ? text : (/^arn:aws:(?:iam|sts)::(\d{12}):/.exec(text)?.[1] ?? '');
    if (account === owner || account === '') return [];
    return [{ shown: { AWS: text }, caller: callerOf(text, account) }];
  });
  const federated = [element.Federated ?? []].flat().map((text) => ({
    shown: { Federated: text },
    caller: { type: 'federated', account: nobodys, arn: text } as Principal,
  }));
  return [...aws, ...federated];
}

function callerOf(text: string, account: string): Principal {
  if (/:(?:user|assumed-role)\//.test(text))
    return text.includes(':user/') ? { type: 'user', account, arn: text } : { type: 'role', account, arn: text };
  if (text.includes(':role/')) {
    const name = text.slice(text.lastIndexOf('/') + 1);
    return { type: 'role', account, arn: `arn:aws:sts::${account}:assumed-role/${name}/session`, roleArn: text };
  }
  return { type: 'root', account, arn: `arn:aws:iam::${account}:root` };
}

const everything: NamedPolicy[] = [
  {
    name: 'everything',
    document: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] },
  },
];

/** After so many questions others get their turn: each may compare with thousands of patterns. */
const questionsAtOnce = 20;

/** The statement's actions that the stranger may really do; of a pattern, one that it stands for. */
async function allowedActions(
  resource: Shared,
  statement: Statement,
  { caller }: Stranger,
  budget: Budget,
): Promise<string[]> {
  const actions = statement.Action === undefined ? ['*'] : [statement.Action].flat();
  if (actions.length > budget.questions) throw new NotEmulated('access-analyzer: the analysis of so many policies');
  const target = [statement.Resource ?? resource.arn].flat()[0]!;
  const context = { ...contextOf(statement, resource.owner), 'aws:PrincipalAccount': caller.account };
  const allowed: string[] = [];
  for (const action of actions) {
    if (budget.questions-- % questionsAtOnce === 0) await new Promise(setImmediate);
    const { decision } = evaluate({
      principal: caller,
      action: concrete(action, resource),
      resource: target === '*' ? resource.arn : target.replaceAll('*', 'any').replaceAll('?', 'x'),
      resourceAccount: resource.owner,
      context: { ...context, 'aws:PrincipalArn': caller.roleArn ?? caller.arn },
      policies: { identity: everything, resource: resource.policies },
      ...(resource.strict ? { resourcePolicyMustAllow: true } : {}),
    });
    if (decision === 'allowed') allowed.push(action);
  }
  return allowed;
}

const examples: Partial<Record<ResourceType, string>> = {
  'AWS::S3::Bucket': 's3:GetObject',
  'AWS::SQS::Queue': 'sqs:SendMessage',
  'AWS::SNS::Topic': 'sns:Publish',
  'AWS::Lambda::Function': 'lambda:InvokeFunction',
  'AWS::Lambda::LayerVersion': 'lambda:GetLayerVersion',
  'AWS::KMS::Key': 'kms:Decrypt',
  'AWS::SecretsManager::Secret': 'secretsmanager:GetSecretValue',
  'AWS::IAM::Role': 'sts:AssumeRole',
};

function concrete(action: string, { type }: Shared): string {
  if (!/[*?]/.test(action)) return action;
  const example = examples[type] ?? action;
  const [service = '', name = ''] = example.split(':');
  const [, pattern = '*'] = action === '*' ? [service, '*'] : action.split(':');
  return pattern === '*' ? example : `${service}:${pattern.replaceAll('*', name).replaceAll('?', 'x')}`;
}

const services = new Set(['aws:sourceaccount', 'aws:sourceowner', 'aws:sourcearn']);

/** A request that the statement's conditions ask for; what only services of AWS bring for the owner, nobody else brings. */
function contextOf(statement: Statement, owner: string): Record<string, string> {
  const context: Record<string, string> = { 'aws:SecureTransport': 'true' };
  for (const [operator, block] of Object.entries(statement.Condition ?? {})) {
    if (/not|null/i.test(operator)) continue;
    for (const [key, values] of Object.entries(block)) {
      const value = String([values].flat()[0] ?? '');
      if (
        services.has(key.toLowerCase()) &&
        (value === owner || value.includes(`:${owner}:`) || value.includes(':s3:::'))
      )
        continue;
      context[key] = value.replaceAll('*', 'any').replaceAll('?', 'x');
    }
  }
  return context;
}

function finding(resource: Shared, statement: Statement, { shown }: Stranger, actions: string[]): ExternalAccess {
  const condition = Object.fromEntries(
    Object.values(statement.Condition ?? {}).flatMap((block) =>
      Object.entries(block).map(([key, values]) => [key, [values].flat().map(String).join(', ')]),
    ),
  );
  const h = createHash('sha256')
    .update(JSON.stringify([resource.arn, shown, actions, condition]))
    .digest('hex');
  return {
    id: `${h.slice(0, 8)}-${h.slice(8, 12)}-${h.slice(12, 16)}-${h.slice(16, 20)}-${h.slice(20, 32)}`,
    resource,
    principal: shown,
    actions,
    condition,
    isPublic: shown.AWS === '*' && Object.keys(condition).length === 0,
  };
}
