import type { CallContext } from '../../context.ts';
import { parsePolicy } from '../../policy/index.ts';
import type { NamedPolicy, PolicyDocument, Statement } from '../../policy/types.ts';
import { policyDocument } from '../iam/documents.ts';
import { principalsExist } from '../s3/policy-principals.ts';
import type { RestApiRecord } from './records.ts';
import { badRequest } from './shared.ts';

const invalid = () =>
  badRequest('Invalid policy document. Please check the policy syntax and ensure that Principals are valid.');

/**
 * A resource policy as API Gateway keeps it: `execute-api:/stage/GET/path` becomes the whole ARN.
 * Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-create-attach.html
 */
export function readPolicy(ctx: CallContext, apiId: string, text: string): string {
  // The quota is 8,192 bytes.
  if (text.length > 8192) throw invalid();
  const prefix = `arn:aws:execute-api:${ctx.region}:${ctx.account}:${apiId}/`;
  const whole = (resource: unknown): unknown =>
    typeof resource === 'string' && resource.startsWith('execute-api:/')
      ? prefix + resource.slice('execute-api:/'.length)
      : resource;
  const wholes = (resources: unknown): unknown => (Array.isArray(resources) ? resources.map(whole) : whole(resources));
  let kept: string;
  try {
    const document = JSON.parse(text) as PolicyDocument;
    const statements = [document.Statement].flat() as Statement[];
    const written = statements.map((statement) => ({
      ...statement,
      ...(statement.Resource !== undefined ? { Resource: wholes(statement.Resource) } : {}),
      ...(statement.NotResource !== undefined ? { NotResource: wholes(statement.NotResource) } : {}),
    }));
    kept = JSON.stringify({ ...document, Statement: Array.isArray(document.Statement) ? written : written[0] });
  } catch {
    throw invalid();
  }
  const { document } = parsePolicy(kept, 'resource');
  if (!document) throw invalid();
  for (const statement of [document.Statement].flat()) if (!principalsExist(ctx.state, statement)) throw invalid();
  return kept;
}

/** A deployed API's policy as the engine wants it. */
export function resourcePolicyOf(api: RestApiRecord): NamedPolicy[] | undefined {
  if (api.policy === undefined) return undefined;
  return [{ name: `resource policy of API ${api.name}`, document: policyDocument(api.policy) }];
}
