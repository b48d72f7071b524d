import type {
  CheckAccessNotGrantedCommandInput,
  CheckAccessNotGrantedCommandOutput,
  CheckNoNewAccessCommandInput,
  CheckNoNewAccessCommandOutput,
  CheckNoPublicAccessCommandInput,
  CheckNoPublicAccessCommandOutput,
  ReasonSummary,
  ResourceType,
} from '@aws-sdk/client-accessanalyzer';
import { operation } from '../../context.ts';
import { AwsError, NotEmulated } from '../../errors.ts';
import { parsePolicy } from '../../policy/index.ts';
import type { PolicyDocument, Statement } from '../../policy/types.ts';
import { isPublicStatement } from '../s3/public-policy.ts';
import { invalid } from './errors.ts';
import { externalAccess } from './external-access.ts';
import { covers, patternsMeet } from './patterns.ts';
import { widening } from './widening.ts';

const invalidParameter = (message: string) => new AwsError('InvalidParameterException', message);

function read(text: string | undefined, kind: 'identity' | 'resource'): PolicyDocument {
  const { document, problems } = parsePolicy(text ?? '', kind);
  if (document) return document;
  const trust = kind === 'resource' ? parsePolicy(text ?? '', 'trust').document : undefined;
  if (trust) return trust;
  throw invalidParameter(`The policy document is not valid: ${problems[0]?.message ?? 'malformed'}`);
}

const kindOf = (type: string | undefined): 'identity' | 'resource' => {
  if (type === 'IDENTITY_POLICY') return 'identity';
  if (type === 'RESOURCE_POLICY') return 'resource';
  throw invalid('The policy type is not valid.');
};

const statementsOf = (document: PolicyDocument): Statement[] => [document.Statement].flat();
const listOf = (value: string | string[] | undefined): string[] => (value === undefined ? [] : [value].flat());

const reason = (description: string, index: number, { Sid }: Statement): ReasonSummary => ({
  description,
  statementIndex: index,
  ...(Sid ? { statementId: Sid } : {}),
});

/** Two patterns with wildcards take the product of their lengths to compare. */
const mostSteps = 20_000_000;

interface Question {
  action: string;
  resource: string | undefined;
}

/** Answers for a question in two halves, each of which is worked out once. */
function inHalves(
  ofAction: (action: string) => boolean,
  ofResource: (resource: string | undefined) => boolean,
): (question: Question) => boolean {
  const actions = new Map<string, boolean>();
  const resources = new Map<string | undefined, boolean>();
  return ({ action, resource }) => {
    let named = actions.get(action);
    if (named === undefined) actions.set(action, (named = ofAction(action.toLowerCase())));
    if (!named) return false;
    let taken = resources.get(resource);
    if (taken === undefined) resources.set(resource, (taken = ofResource(resource)));
    return taken;
  };
}

/** Can a statement apply to the action and to some resource of the pattern? */
function reaching(statement: Statement): (question: Question) => boolean {
  const { NotAction, NotResource, Resource } = statement;
  return inHalves(
    (action) =>
      NotAction === undefined
        ? listOf(statement.Action).some((pattern) => patternsMeet(pattern.toLowerCase(), action))
        : !listOf(NotAction).some((pattern) => covers(pattern.toLowerCase(), action)),
    (resource) => {
      if (resource === undefined) return true;
      if (NotResource !== undefined) return !listOf(NotResource).some((pattern) => covers(pattern, resource));
      // A statement without Resource is one of a trust policy.
      return Resource === undefined || listOf(Resource).some((pattern) => patternsMeet(pattern, resource));
    },
  );
}

/** Does a statement deny the action for all of it, whatever the request? */
function denying(statement: Statement): (question: Question) => boolean {
  const everybody = statement.NotPrincipal === undefined && [undefined, '*'].includes(statement.Principal as '*');
  if (statement.Effect !== 'Deny' || statement.Condition !== undefined || !everybody) return () => false;
  return inHalves(
    (action) => listOf(statement.Action).some((pattern) => covers(pattern.toLowerCase(), action)),
    (resource) => listOf(statement.Resource).some((pattern) => covers(pattern, resource ?? '*')),
  );
}

/** https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_CheckAccessNotGranted.html: conditions are taken as met. */
export const CheckAccessNotGranted = operation<CheckAccessNotGrantedCommandInput, CheckAccessNotGrantedCommandOutput>({
  access: () => ({ action: 'access-analyzer:CheckAccessNotGranted', resource: '*' }),
  run(_ctx, input) {
    const statements = statementsOf(read(input.policyDocument, kindOf(input.policyType)));
    const asked = input.access ?? [];
    if (asked.length < 1) throw invalid('At least one access must be specified.');
    if (asked.some(({ actions = [], resources = [] }) => actions.length > 100 || resources.length > 100))
      throw invalid('At most 100 actions and 100 resources can be specified.');
    const questions = asked.flatMap(({ actions, resources }) =>
      (actions?.length ? actions : ['*']).flatMap((action) =>
        (resources?.length ? resources : [undefined]).map((resource) => ({ action, resource })),
      ),
    );
    const texts = asked.flatMap(({ actions = [], resources = [] }) => [...actions, ...resources]);
    const wild = texts.reduce((sum, text) => sum + (/[*?]/.test(text) ? text.length : 0), 0);
    if (questions.length * statements.length > 200_000 || wild * (input.policyDocument?.length ?? 0) > mostSteps)
      throw invalid('The check is too large.');
    const denials = statements.map(denying);
    const open = questions.filter((question) => !denials.some((denies) => denies(question)));
    const granting = statements.flatMap((statement, i) =>
      statement.Effect === 'Allow' && open.some(reaching(statement))
        ? [reason(`One or more of the listed actions or resources in the statement with index: ${i}.`, i, statement)]
        : [],
    );
    return granting.length
      ? {
          result: 'FAIL',
          message: 'The policy document grants access to perform one or more of the listed actions or resources.',
          reasons: granting,
        }
      : {
          result: 'PASS',
          message: 'The policy document does not grant access to perform the listed actions or resources.',
        };
  },
});

/**
 * https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_CheckNoNewAccess.html
 * @throws UnprocessableEntityException where neither can be shown, that all is covered or that something is new
 */
export const CheckNoNewAccess = operation<CheckNoNewAccessCommandInput, CheckNoNewAccessCommandOutput>({
  access: () => ({ action: 'access-analyzer:CheckNoNewAccess', resource: '*' }),
  run(_ctx, input) {
    const kind = kindOf(input.policyType);
    const statements = statementsOf(read(input.newPolicyDocument, kind));
    const found = widening(statements, statementsOf(read(input.existingPolicyDocument, kind)));
    const undecided = found.indexOf('undecided');
    const wider = found.flatMap((each, i) =>
      each === 'new' ? [reason(`New access in the statement with index: ${i}.`, i, statements[i]!)] : [],
    );
    if (wider.length === 0 && undecided >= 0)
      throw new AwsError(
        'UnprocessableEntityException',
        `Whether the statement with index ${undecided} grants new access could not be decided.`,
        422,
      );
    return wider.length
      ? {
          result: 'FAIL',
          message: 'The modified permissions grant new access compared to your existing policy.',
          reasons: wider,
        }
      : {
          result: 'PASS',
          message: 'The modified permissions do not grant new access compared to your existing policy.',
        };
  },
});

/** The kinds of resource whose policies are understood. */
const understood = new Set<string>([
  'AWS::S3::Bucket',
  'AWS::SQS::Queue',
  'AWS::SNS::Topic',
  'AWS::Lambda::Function',
  'AWS::KMS::Key',
  'AWS::SecretsManager::Secret',
  'AWS::DynamoDB::Table',
  'AWS::DynamoDB::Stream',
  'AWS::ApiGateway::RestApi',
  'AWS::IAM::AssumeRolePolicyDocument',
]);

/** https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_CheckNoPublicAccess.html */
export const CheckNoPublicAccess = operation<CheckNoPublicAccessCommandInput, CheckNoPublicAccessCommandOutput>({
  access: () => ({ action: 'access-analyzer:CheckNoPublicAccess', resource: '*' }),
  async run(_ctx, input) {
    const type = input.resourceType ?? '';
    if (!understood.has(type)) throw new NotEmulated(`access-analyzer: CheckNoPublicAccess of ${type.slice(0, 64)}`);
    const document = read(input.policyDocument, 'resource');
    const denials = statementsOf(document).filter(({ Effect }) => Effect === 'Deny');
    const reasons: ReasonSummary[] = [];
    for (const [i, statement] of statementsOf(document).entries()) {
      if (statement.Effect !== 'Allow' || !isPublicStatement(statement)) continue;
      const shared = {
        type: (type === 'AWS::IAM::AssumeRolePolicyDocument' ? 'AWS::IAM::Role' : type) as ResourceType,
        arn: 'arn:aws:any:us-east-1:111111111111:any',
        owner: '111111111111',
        policies: [{ name: 'policy', document: { Version: '2012-10-17', Statement: [statement, ...denials] } }],
      };
      // A denial may take it back again.
      if ((await externalAccess(shared)).length > 0)
        reasons.push(reason(`Public access granted in the following statement with index: ${i}.`, i, statement));
    }
    return reasons.length
      ? { result: 'FAIL', message: 'The resource policy grants public access for the given resource type.', reasons }
      : { result: 'PASS', message: 'The resource policy does not grant public access for the given resource type.' };
  },
});
