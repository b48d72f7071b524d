import { anonymousCaller } from '../callers.ts';
import type { Cloud } from '../cloud.ts';
import type { Caller, CallSource, EndpointRequest } from '../context.ts';
import { AwsError } from '../errors.ts';
import { findAccessKey } from '../services/iam/identity.ts';
import { openSession, type Session, secretKeyOf } from '../session.ts';
import { callerFromAccessKey, callerFromSession } from './callers.ts';
import { type Signature, verifySignature } from './sigv4.ts';

/**
 * Who signed the request; an unsigned one is anonymous.
 * @throws AwsError InvalidClientTokenId, ExpiredToken, SignatureDoesNotMatch …
 */
export function authenticate(
  cloud: Cloud,
  request: EndpointRequest,
  signature: Signature | undefined,
  source: CallSource,
): Caller {
  if (!signature) return anonymousCaller(source);
  const clocks = [cloud.clock.now(), Date.now()];
  if (signature.sessionToken !== undefined) {
    const opened = open(cloud, signature.sessionToken);
    if (!opened || opened.session.accessKeyId !== signature.accessKeyId) {
      cloud.refusedKey(signature.accessKeyId, signature.sessionToken);
      throw invalidToken();
    }
    const { session, secretKey } = opened;
    verifySignature(request, signature, secretKey, clocks);
    if (session.expires !== undefined && session.expires < cloud.clock.now())
      throw new AwsError('ExpiredToken', 'The security token included in the request is expired', 403);
    return callerFromSession(cloud, session, source);
  }
  const key = findAccessKey(cloud.state, signature.accessKeyId);
  const caller = key?.key.status === 'Active' ? callerFromAccessKey(cloud, signature.accessKeyId, source) : undefined;
  if (!key) cloud.refusedKey(signature.accessKeyId, undefined);
  if (!key || !caller) throw invalidToken();
  verifySignature(request, signature, key.key.secretAccessKey, clocks);
  return caller;
}

interface Opened {
  session: Session;
  secretKey: string;
}

/** A client sends one token with every call: what it says, and its secret key, are kept while they are used. */
const mostOpened = 64;

function open(cloud: Cloud, token: string): Opened | undefined {
  let known = cloud.memory.get('gateway.sessions') as Map<string, Opened> | undefined;
  if (!known) cloud.memory.set('gateway.sessions', (known = new Map()));
  const kept = known.get(token);
  if (kept) return kept;
  const session = openSession(cloud.id, cloud.secret, token);
  if (!session) return undefined;
  const opened = { session, secretKey: secretKeyOf(cloud.secret, session.accessKeyId, token) };
  if (known.size >= mostOpened) known.delete(known.keys().next().value!);
  known.set(token, opened);
  return opened;
}

/** For keys and tokens that nobody here gave out. */
export function invalidToken(): AwsError {
  return new AwsError('InvalidClientTokenId', 'The security token included in the request is invalid.', 403);
}

/** For an unsigned request where a signature is needed. */
export function missingToken(): AwsError {
  return new AwsError('MissingAuthenticationToken', 'Request is missing Authentication Token', 403);
}

/** The names that each protocol has for what goes wrong with a signature. */
export function inDialect(error: AwsError, service: string, dialect: string): AwsError {
  const [json, s3] = names[error.code] ?? [];
  if (service === 's3' && s3) return new AwsError(s3, error.message, error.status);
  if ((dialect === 'json' || dialect === 'rest-json') && json)
    return new AwsError(json, error.message, dialect === 'json' ? 400 : 403);
  if (service === 'ec2' && (error.code === 'InvalidClientTokenId' || error.code === 'SignatureDoesNotMatch'))
    return new AwsError('AuthFailure', 'AWS was not able to validate the provided access credentials', 401);
  return error;
}

const names: Record<string, [json: string, s3: string]> = {
  InvalidClientTokenId: ['UnrecognizedClientException', 'InvalidAccessKeyId'],
  SignatureDoesNotMatch: ['InvalidSignatureException', 'SignatureDoesNotMatch'],
  IncompleteSignature: ['IncompleteSignatureException', 'AuthorizationHeaderMalformed'],
  ExpiredToken: ['ExpiredTokenException', 'ExpiredToken'],
  MissingAuthenticationToken: ['MissingAuthenticationTokenException', 'AccessDenied'],
};
