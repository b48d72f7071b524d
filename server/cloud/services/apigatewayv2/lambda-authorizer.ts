import { AwsError, NotEmulated } from '../../errors.ts';
import { evaluate } from '../../policy/index.ts';
import type { PolicyDocument } from '../../policy/types.ts';
import type { ApiCall } from './api-call.ts';
import { rememberAnswer, rememberedAnswer } from './authorizer-cache.ts';
import { eventV1 } from './event-v1.ts';
import { lambdaArn } from './integrations.ts';
import { callFunction, eventV2, gatewayCaller } from './proxy.ts';
import type { AuthorizerRecord } from './records.ts';
import { forbidden, identityValue, methodArn, unauthorized, type Verdict } from './verdict.ts';

const broken: Verdict = { allowed: false, status: 500, message: 'Internal Server Error' };

/**
 * Asks a Lambda authorizer, or remembers what it said of these identities.
 * Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
 */
export async function askAuthorizer(call: ApiCall, authorizer: AuthorizerRecord): Promise<Verdict> {
  const { cloud } = call;
  const identities = authorizer.identitySource.map((source) => identityValue(call, source));
  if (identities.some((value) => value === undefined)) return unauthorized;
  // As in AWS the cache knows identities only (and the route, where it is an identity): a policy is asked anew each time.
  const key = `${authorizer.apiId}:${authorizer.authorizerId}:${JSON.stringify(identities)}`;
  const known = rememberedAnswer(cloud, key);
  const told = known ?? (await invoke(call, authorizer, identities as string[]));
  if (!told) return broken;
  if (!known) rememberAnswer(cloud, key, told.answer, authorizer.ttlSeconds);
  return read(call, authorizer, told.answer);
}

async function invoke(
  call: ApiCall,
  authorizer: AuthorizerRecord,
  identitySource: string[],
): Promise<{ answer: unknown } | undefined> {
  const { cloud, scope, api } = call;
  const functionArn = lambdaArn(authorizer.uri ?? '');
  const source = `arn:aws:execute-api:${scope.region}:${scope.account}:${api.apiId}/authorizers/${authorizer.authorizerId}`;
  const caller = gatewayCaller(cloud, scope, authorizer.credentialsArn, source, call.caller?.source.hops);
  if (!functionArn || !caller) return undefined;
  const routeArn = methodArn(call);
  const event =
    authorizer.payloadFormat === '1.0'
      ? {
          ...eventV1(call, undefined),
          type: 'REQUEST',
          methodArn: routeArn,
          identitySource: identitySource.join(','),
          authorizationToken: identitySource.join(','),
        }
      : { ...eventV2(call, undefined), type: 'REQUEST', routeArn, identitySource };
  try {
    const answer = await callFunction(cloud, scope, functionArn, caller, event, 10_000);
    if (answer === 'timeout' || answer.failed) return undefined;
    return { answer: JSON.parse(Buffer.from(answer.payload).toString() || 'null') };
  } catch (error) {
    if (error instanceof AwsError || error instanceof NotEmulated || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function read(call: ApiCall, authorizer: AuthorizerRecord, answer: unknown): Verdict {
  if (typeof answer !== 'object' || answer === null) return broken;
  const { isAuthorized, context, principalId, policyDocument } = answer as Record<string, unknown>;
  const given = typeof context === 'object' && context !== null ? context : {};
  if (authorizer.simpleResponses) {
    if (typeof isAuthorized !== 'boolean') return broken;
    return isAuthorized ? { allowed: true, authorizer: { lambda: given } } : forbidden;
  }
  if (typeof policyDocument !== 'object' || policyDocument === null) return broken;
  try {
    const { decision } = evaluate({
      principal: {
        type: 'user',
        account: call.scope.account,
        arn: `arn:aws:iam::${call.scope.account}:user/authorized`,
      },
      action: 'execute-api:Invoke',
      resource: methodArn(call),
      resourceAccount: call.scope.account,
      context: { 'aws:SourceIp': call.request.sourceIp },
      policies: { identity: [{ name: 'policy of the authorizer', document: policyDocument as PolicyDocument }] },
    });
    const v1 = authorizer.payloadFormat === '1.0';
    const shown = v1 ? { ...given, principalId } : { lambda: { ...given, ...(principalId ? { principalId } : {}) } };
    return decision === 'allowed' ? { allowed: true, authorizer: shown } : forbidden;
  } catch {
    // A policy that is none.
    return broken;
  }
}
