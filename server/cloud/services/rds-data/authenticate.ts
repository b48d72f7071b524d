import type { Access, CallContext } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import { AccessDenied } from '../../gateway/authorize.ts';
import type { Scope } from '../../state/table.ts';
import { resourceTagContext } from '../../tags.ts';
import { type ClusterRecord, findCluster } from '../rds/index.ts';
import { type Login, login } from './databases.ts';

export interface Session {
  scope: Scope;
  cluster: ClusterRecord;
  login: Login;
}

export const badRequest = (message: string): AwsError => new AwsError('BadRequestException', message);

/** The question for every operation of the Data API: may the caller do it on the cluster? */
export function clusterAccess(ctx: CallContext, action: string, resourceArn: string): Access {
  const { account, region } = scopeOf(resourceArn);
  const cluster = findCluster(ctx.state, { account, region }, resourceArn);
  return {
    action: `rds-data:${action}`,
    resource: resourceArn,
    resourceAccount: account,
    context: resourceTagContext(cluster?.tags),
  };
}

/**
 * Logs in as the user whose name and password the secret holds. The *caller* must be allowed to read the secret.
 * Source: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/data-api.access.html
 */
export async function authenticate(
  ctx: CallContext,
  input: { resourceArn?: string | undefined; secretArn?: string | undefined },
): Promise<Session> {
  const arn = input.resourceArn!;
  const scope = scopeOf(arn);
  const cluster = scope.region === ctx.region ? findCluster(ctx.state, scope, arn) : undefined;
  if (!cluster) throw new AwsError('DatabaseNotFoundException', `Cluster ${arn} is not found`, 404);
  if (!cluster.httpEndpoint)
    throw new AwsError('HttpEndpointNotEnabledException', `HttpEndpoint is not enabled for resource ${arn}`);
  const { username, password } = await credentials(ctx, input.secretArn!);
  const found = login(ctx.cloud, scope, cluster, username, password);
  if (!found)
    throw badRequest(
      cluster.engine.includes('mysql')
        ? `Access denied for user '${username}' (using password: YES)`
        : `FATAL: password authentication failed for user "${username}"; SQLState: 28P01`,
    );
  return { scope, cluster, login: found };
}

function scopeOf(arn: string): Scope {
  const parts = arn.split(':');
  if (parts.length !== 7 || parts[2] !== 'rds' || parts[5] !== 'cluster') throw badRequest('Invalid resource ARN');
  return { account: parts[4]!, region: parts[3]! };
}

async function credentials(ctx: CallContext, SecretId: string): Promise<{ username: string; password: string }> {
  let text: string | undefined;
  try {
    ({ SecretString: text } = await ctx.call<{ SecretString?: string }>('secretsmanager', 'GetSecretValue', {
      SecretId,
    }));
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    if (error instanceof AccessDenied)
      throw new AccessDenied('AccessDeniedException', error.message, 403, error.access, error.decision);
    throw new AwsError('SecretsErrorException', error.message);
  }
  try {
    const { username, password } = JSON.parse(text ?? '') as Record<string, unknown>;
    if (typeof username === 'string' && typeof password === 'string') return { username, password };
  } catch {
    // Not JSON: told below.
  }
  throw new AwsError('InvalidSecretException', "The Secrets Manager secret used with the request isn't valid.");
}
