import type {
  PathElement,
  Span,
  ValidatePolicyCommandInput,
  ValidatePolicyCommandOutput,
  ValidatePolicyFinding,
} from '@aws-sdk/client-accessanalyzer';
import { operation } from '../../context.ts';
import { paginate } from '../../paginate.ts';
import { parsePolicy } from '../../policy/index.ts';
import { type JsonNode, JsonSourceError, readJson } from '../../policy/json-source.ts';
import type { PolicyKind, PolicyProblem } from '../../policy/types.ts';
import { invalid, invalidToken } from './errors.ts';
import { type Advice, adviceOn } from './policy-advice.ts';

const kinds: Record<string, PolicyKind> = {
  IDENTITY_POLICY: 'identity',
  RESOURCE_POLICY: 'resource',
  SERVICE_CONTROL_POLICY: 'scp',
  RESOURCE_CONTROL_POLICY: 'scp',
};

/** So many findings are told of one policy. */
const most = 200;

const reference =
  'https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html#access-analyzer-reference-policy-checks-';

/**
 * https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_ValidatePolicy.html
 * differs from AWS: a part of its more than a hundred checks; findings are in our words and in English.
 */
export const ValidatePolicy = operation<ValidatePolicyCommandInput, ValidatePolicyCommandOutput>({
  access: () => ({ action: 'access-analyzer:ValidatePolicy', resource: '*' }),
  async run(_ctx, input) {
    const text = input.policyDocument ?? '';
    if (!Object.hasOwn(kinds, input.policyType ?? '')) throw invalid('The policy type is not valid.');
    if (text.length > 131_072) throw invalid('The policy document is too large.');
    const trust = input.validatePolicyResourceType === 'AWS::IAM::AssumeRolePolicyDocument';
    const kind = trust ? 'trust' : kinds[input.policyType!]!;
    const found = await findingsOf(text, kind);
    const keyed = found.map((finding, i) => ({ finding, key: String(i).padStart(6, '0') }));
    const { page, next } = paginate(keyed, ({ key }) => key, {
      token: input.nextToken,
      limit: input.maxResults,
      max: 100,
      invalid: invalidToken,
    });
    return { findings: page.map(({ finding }) => finding), ...(next ? { nextToken: next } : {}) };
  },
});

async function findingsOf(text: string, kind: PolicyKind): Promise<ValidatePolicyFinding[]> {
  let root: JsonNode;
  try {
    root = readJson(text);
  } catch (error) {
    if (!(error instanceof JsonSourceError)) throw error;
    return [view(text, { type: 'ERROR', code: 'JSON_SYNTAX_ERROR', details: error.message, path: [], at: error.at })];
  }
  const { document, problems } = parsePolicy(text, kind);
  const errors = problems.map((problem): Advice => {
    const path = pathOf(problem.path);
    const details = problem.detail ? `${problem.message} (${problem.detail})` : problem.message;
    return { type: 'ERROR', code: codeOf(problem), details, path };
  });
  const advice = document ? await adviceOn(document, kind) : [];
  return [...errors, ...advice].slice(0, most).map((each) => view(text, { ...each, ...nodeAt(root, each.path) }));
}

/** AWS's code for a fault of the grammar. Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html */
function codeOf({ path, message, detail = '' }: PolicyProblem): string {
  const element = path.slice(path.lastIndexOf('.') + 1);
  const words = `${message} ${detail}`.toLowerCase();
  if (/size/.test(words)) return 'POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA';
  if (/unique/.test(words)) return 'UNIQUE_SIDS_REQUIRED';
  if (/written twice/.test(words)) return 'DUPLICATE_KEY';
  if (/missing|must contain|required/.test(words)) {
    for (const name of ['effect', 'action', 'resource', 'principal', 'statement'])
      if (words.includes(name)) return `MISSING_${name.toUpperCase()}`;
  }
  if (/unknown/.test(words)) return 'UNSUPPORTED_ELEMENT';
  if (element === 'Effect') return 'INVALID_EFFECT';
  if (element === 'Version') return 'INVALID_VERSION';
  if (element === 'Sid') return 'INVALID_SID';
  if (element.startsWith('Action') || element.startsWith('NotAction')) return 'INVALID_ACTION';
  if (element.startsWith('Resource') || element.startsWith('NotResource')) return 'INVALID_RESOURCE';
  if (/principal/i.test(path)) return kindless(words);
  return path.includes('Condition') ? 'DATA_TYPE_MISMATCH' : 'SYNTAX_ERROR';
}

const kindless = (words: string): string =>
  /not|prohibit|may/.test(words) ? 'UNSUPPORTED_PRINCIPAL' : 'INVALID_PRINCIPAL_FORMAT';

/** `Statement[0].Action[1]` to its steps. */
function pathOf(path: string): (string | number)[] {
  return path
    .split(/[.[\]]/)
    .filter((step) => step !== '')
    .map((step) => (/^\d{1,6}$/.test(step) ? Number(step) : step));
}

/** Where a path leads, as far as it leads anywhere. */
function nodeAt(root: JsonNode, path: readonly (string | number)[]): { at: number; length: number } {
  let node = root;
  for (const step of path) {
    const next =
      node.kind === 'object'
        ? node.members.find(({ key }) => key === step)?.value
        : node.kind === 'array' && typeof step === 'number'
          ? node.items[step]
          : undefined;
    if (!next) break;
    node = next;
  }
  return { at: node.at, length: 'value' in node ? JSON.stringify(node.value).length : 1 };
}

function view(text: string, advice: Advice & { at: number; length?: number }): ValidatePolicyFinding {
  const position = (offset: number) => {
    const before = text.slice(0, offset);
    const start = before.lastIndexOf('\n') + 1;
    return { line: before.split('\n').length, column: offset - start, offset };
  };
  const span: Span = { start: position(advice.at), end: position(advice.at + (advice.length ?? 1)) };
  const path = advice.path.map((step) => (typeof step === 'number' ? { index: step } : { value: step }) as PathElement);
  const anchor = `${advice.type}-${advice.code}`.toLowerCase().replaceAll('_', '-');
  return {
    findingType: advice.type,
    issueCode: advice.code,
    findingDetails: advice.details,
    learnMoreLink: reference + anchor,
    locations: [{ path, span }],
  };
}
