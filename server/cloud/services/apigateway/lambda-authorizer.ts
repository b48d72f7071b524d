import { AwsError, NotEmulated } from '../../errors.ts';
import { evaluate } from '../../policy/index.ts';
import type { Decision, PolicyDocument } from '../../policy/types.ts';
import { rememberAnswer, rememberedAnswer } from '../apigatewayv2/authorizer-cache.ts';
import { callFunction, gatewayCaller, withVariables } from '../apigatewayv2/proxy.ts';
import type { Authorized } from './authorize-call.ts';
import { sourcesOf } from './authorizers.ts';
import { functionOf, matchesWhole } from './check-integration.ts';
import { restEvent } from './event.ts';
import { faults, GatewayFault } from './faults.ts';
import type { AuthorizerRecord } from './records.ts';
import { contextValues, mappedValue, methodArn, type RestCall } from './rest-call.ts';
import { own } from './shared.ts';

/** What an authorizer's policy says to a request. */
export interface Answered {
  decision: Decision['decision'];
  authorized: Authorized;
}

/**
 * Asks a Lambda authorizer, or remembers what it said of these identities. The remembered policy is asked anew for each
 * method: one that names a single method refuses all others for as long as it is remembered, as in AWS.
 * Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html
 */
export async function askAuthorizer(call: RestCall): Promise<Answered> {
  const { cloud, deployment, stage, method } = call;
  const authorizer = deployment.authorizers.find(({ authorizerId }) => authorizerId === method.authorizerId);
  if (!authorizer) throw faults.authorizer();
  if (methodArn(call).length > 1600) throw faults.uriTooLong();
  const identities = identitiesOf(call, authorizer);
  const key = `${deployment.apiId}:${stage.name}:${authorizer.authorizerId}:${JSON.stringify(identities)}`;
  const known = authorizer.ttlSeconds > 0 ? rememberedAnswer(cloud, key) : undefined;
  const answer = known ? known.answer : await invoke(call, authorizer, identities);
  const read = readAnswer(call, answer);
  if (!known) rememberAnswer(cloud, key, answer, authorizer.ttlSeconds);
  return read;
}

/** What TestInvokeAuthorizer tells: the status that a client would have, and the policy. */
export async function testAuthorizer(
  call: RestCall,
  authorizer: AuthorizerRecord,
): Promise<{ clientStatus: number; principalId?: string; policy?: string }> {
  if (authorizer.type === 'COGNITO_USER_POOLS') throw new NotEmulated('tests of Cognito authorizers');
  try {
    const answer = await invoke(call, authorizer, identitiesOf(call, authorizer));
    readAnswer(call, answer);
    const { principalId, policyDocument } = answer as { principalId: string; policyDocument: object };
    return { clientStatus: 200, principalId, policy: JSON.stringify(policyDocument) };
  } catch (error) {
    if (error instanceof GatewayFault) return { clientStatus: error.status };
    throw error;
  }
}

/** @throws GatewayFault Unauthorized where one is missing, or is not of the form that the authorizer asks for */
function identitiesOf(call: RestCall, authorizer: AuthorizerRecord): string[] {
  const identities = sourcesOf(authorizer).map((source) => identityOf(call, source));
  if (identities.some((value) => !value)) throw faults.unauthorized();
  const { validationExpression } = authorizer;
  const [token = ''] = identities as string[];
  if (authorizer.type === 'TOKEN' && validationExpression) {
    if (token.length > 8192 || !matchesWhole(validationExpression, token)) throw faults.unauthorized();
  }
  return identities as string[];
}

function identityOf(call: RestCall, source: string): string | undefined {
  if (source.startsWith('context.')) return own(contextValues(call), source.slice('context.'.length));
  return mappedValue(call, source);
}

/** What a function answers; a fault of any kind is one of the authorizer's configuration. */
async function invoke(call: RestCall, authorizer: AuthorizerRecord, identities: string[]): Promise<unknown> {
  const { cloud, scope, deployment, stage } = call;
  const source = `arn:aws:execute-api:${scope.region}:${scope.account}:${deployment.apiId}/authorizers/${authorizer.authorizerId}`;
  const functionArn = functionOf(withVariables(authorizer.uri ?? '', stage.variables));
  const caller = gatewayCaller(cloud, scope, authorizer.credentials, source, call.hops);
  if (!functionArn || !caller) throw faults.authorizer();
  const { body: _body, isBase64Encoded: _flag, ...shown } = restEvent(call, undefined, null) as Record<string, unknown>;
  const event =
    authorizer.type === 'TOKEN'
      ? { type: 'TOKEN', methodArn: methodArn(call), authorizationToken: identities[0] }
      : { type: 'REQUEST', methodArn: methodArn(call), ...shown };
  try {
    const answer = await callFunction(cloud, scope, functionArn, caller, event, 29_000);
    if (answer === 'timeout') throw faults.authorizer();
    const value: unknown = JSON.parse(Buffer.from(answer.payload).toString() || 'null');
    if (!answer.failed) return value;
    // A function says so by failing with this one message.
    if ((value as { errorMessage?: unknown } | null)?.errorMessage === 'Unauthorized') throw faults.unauthorized();
    throw faults.authorizer();
  } catch (error) {
    if (error instanceof AwsError || error instanceof NotEmulated || error instanceof SyntaxError)
      throw faults.authorizer();
    throw error;
  }
}

/** Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html */
function readAnswer(call: RestCall, answer: unknown): Answered {
  if (typeof answer !== 'object' || answer === null) throw faults.authorizer();
  const { principalId, policyDocument, context, usageIdentifierKey } = answer as Record<string, unknown>;
  const given = context ?? {};
  if (typeof principalId !== 'string' || principalId === '') throw faults.authorizer();
  if (typeof policyDocument !== 'object' || policyDocument === null) throw faults.authorizer();
  // "you cannot set a JSON object or array as a valid value of any key in the context map"
  if (typeof given !== 'object' || Object.values(given).some((value) => typeof value === 'object' && value !== null))
    throw faults.authorizer();
  const texts = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, String(value)]));
  return {
    decision: decisionOf(call, policyDocument as PolicyDocument),
    authorized: {
      authorizer: { ...texts, principalId },
      ...(typeof usageIdentifierKey === 'string' ? { usageKey: usageIdentifierKey } : {}),
    },
  };
}

function decisionOf(call: RestCall, document: PolicyDocument): Decision['decision'] {
  const { cloud, scope, request, source } = call;
  const now = cloud.clock.now();
  try {
    return evaluate({
      principal: { type: 'user', account: scope.account, arn: `arn:aws:iam::${scope.account}:user/authorized` },
      action: 'execute-api:Invoke',
      resource: methodArn(call),
      resourceAccount: scope.account,
      context: {
        'aws:CurrentTime': new Date(now).toISOString(),
        'aws:EpochTime': String(Math.floor(now / 1000)),
        'aws:SecureTransport': String(source.secure ?? true),
        ...(source.vpceId ? { 'aws:SourceVpce': source.vpceId } : { 'aws:SourceIp': request.sourceIp }),
        ...(source.vpcId ? { 'aws:SourceVpc': source.vpcId } : {}),
        ...(source.userAgent ? { 'aws:UserAgent': source.userAgent } : {}),
      },
      policies: { identity: [{ name: 'policy of the authorizer', document }] },
    }).decision;
  } catch {
    // A policy that is none.
    throw faults.authorizer();
  }
}
