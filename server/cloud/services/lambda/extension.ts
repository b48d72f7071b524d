import { AwsError } from '../../errors.ts';
import type { ExtensionAnswer } from '../../runtime/types.ts';
import { type Outlet, sourceTo } from './network.ts';
import type { VersionRecord } from './records.ts';
import { executionRole } from './role-rights.ts';

const failure = (status: number, body: string): ExtensionAnswer => ({ status, body, contentType: 'text/plain' });

/**
 * What the Parameters and Secrets extension fetches when its cache has nothing: with the role's rights, and by the
 * function's own way through the network.
 * Source: https://docs.aws.amazon.com/secretsmanager/latest/userguide/retrieving-secrets_lambda.html
 */
export async function answerExtension(
  outlet: Outlet,
  version: VersionRecord,
  path: string,
  query: URLSearchParams,
): Promise<ExtensionAnswer> {
  const secrets = path === '/secretsmanager/get';
  if (!secrets && path !== '/systemsmanager/parameters/get') return failure(404, 'not found');
  const source = sourceTo(outlet, `${secrets ? 'secretsmanager' : 'ssm'}.${outlet.region}.amazonaws.com`);
  if ('kind' in source)
    return failure(500, 'an unexpected error occurred while executing request: connection timed out');
  const role = executionRole(outlet.cloud, version.role, version.functionName, {
    ...source,
    userAgent: 'AWS-Parameters-and-Secrets-Lambda-Extension',
  });
  if (!role) return failure(400, 'The security token included in the request is invalid.');
  const optional = (name: string, member: string): Record<string, string> => {
    const value = query.get(name);
    return value ? { [member]: value } : {};
  };
  try {
    const body = secrets
      ? await outlet.cloud.call<object>(
          role,
          'secretsmanager',
          'GetSecretValue',
          {
            SecretId: query.get('secretId') ?? '',
            ...optional('versionId', 'VersionId'),
            ...optional('versionStage', 'VersionStage'),
          },
          { region: outlet.region },
        )
      : await outlet.cloud.call<object>(
          role,
          'ssm',
          'GetParameter',
          {
            Name: parameterName(query),
            WithDecryption: query.get('withDecryption') === 'true',
          },
          { region: outlet.region },
        );
    return {
      status: 200,
      body: JSON.stringify(withBase64({ ...body, ResultMetadata: {} })),
      contentType: 'application/json',
    };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return failure(error.status >= 500 ? 500 : 400, `${error.code}: ${error.message}`);
  }
}

function parameterName(query: URLSearchParams): string {
  const selector = query.get('version') ?? query.get('label');
  return `${query.get('name') ?? ''}${selector ? `:${selector}` : ''}`;
}

function withBase64(answer: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(answer).map(([key, value]) => [
      key,
      value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value,
    ]),
  );
}
