import { createCipheriv, createDecipheriv, createHash, createHmac } from 'node:crypto';
import { newAccessKeyId } from './access-key-id.ts';
import type { Random } from './random.ts';

/** What a session token says; nobody but the cloud that made it can read or write one. */
export interface Session {
  accessKeyId: string;
  account: string;
  /** `arn:aws:iam::…:role/…`; absent for GetSessionToken and federated users. */
  roleArn?: string;
  /** For GetSessionToken: the user whose rights the session has; absent with `roleArn` absent: the account's root. */
  userName?: string;
  sessionName: string;
  /** Who of the range it was given out to, or who assumed the role from such a session; absent for everybody else's. */
  person?: string;
  /** `AROA…` or `AIDA…`: the first half of `aws:userid`. */
  principalId: string;
  /** Milliseconds of the cloud's clock; absent: as long as the attempt. */
  expires?: number;
  /** Session policies, as JSON text. */
  policies?: string[];
  tags?: Record<string, string>;
  /** Keys of `tags` that go on to roles assumed from this session. */
  transitiveTagKeys?: string[];
  /** Milliseconds of the cloud's clock. */
  issued?: number;
  /** ARNs of managed policies that are session policies; they are read when the session is used. */
  policyArns?: string[];
  sourceIdentity?: string;
  /** `arn:aws:sts::…:federated-user/…` for GetFederationToken. */
  federatedUserArn?: string;
}

export interface SessionCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
}

const key = (secret: string, use: string): Buffer =>
  createHmac('sha256', Buffer.from(secret, 'hex')).update(use).digest();

/**
 * Credentials of a session. They are derived from the cloud's secret and need no record: the token carries the session
 * encrypted (AES-256-GCM), the secret key is an HMAC over it. `cloudId` stands in the clear so that a server with many
 * clouds knows which one to ask.
 */
export function issueSession(
  cloudId: string,
  secret: string,
  random: Random,
  session: Omit<Session, 'accessKeyId'>,
): SessionCredentials {
  const accessKeyId = newAccessKeyId('ASIA', random, session.account);
  const plain = Buffer.from(JSON.stringify({ ...session, accessKeyId }));
  // The initialisation vector may be derived: a plain text with its fresh access key never comes twice.
  const iv = createHmac('sha256', key(secret, 'iv')).update(plain).digest().subarray(0, 12);
  const cipher = createCipheriv('aes-256-gcm', key(secret, 'token'), iv);
  const body = Buffer.concat([cipher.update(plain), cipher.final()]);
  const id = Buffer.from(cloudId);
  const sessionToken = Buffer.concat([Buffer.from([1, id.length]), id, iv, cipher.getAuthTag(), body]).toString(
    'base64',
  );
  return { accessKeyId, secretAccessKey: secretKeyOf(secret, accessKeyId, sessionToken), sessionToken };
}

/** The secret access key that belongs to a session token. */
export function secretKeyOf(secret: string, accessKeyId: string, sessionToken: string): string {
  const digest = createHash('sha256').update(sessionToken).digest();
  return createHmac('sha256', key(secret, 'secret')).update(accessKeyId).update(digest).digest('base64').slice(0, 40);
}

/** The cloud that a token names, without trusting it; undefined when it is no token of ours. */
export function cloudIdOf(sessionToken: string): string | undefined {
  if (sessionToken.length > 16_384) return undefined;
  const bytes = Buffer.from(sessionToken, 'base64');
  if (bytes.length < 30 || bytes[0] !== 1) return undefined;
  return bytes.subarray(2, 2 + bytes[1]!).toString();
}

/** What the token says, or undefined when this cloud did not make it. */
export function openSession(cloudId: string, secret: string, sessionToken: string): Session | undefined {
  if (cloudIdOf(sessionToken) !== cloudId) return undefined;
  const bytes = Buffer.from(sessionToken, 'base64');
  const start = 2 + bytes[1]!;
  if (bytes.length < start + 28) return undefined;
  const iv = bytes.subarray(start, start + 12);
  try {
    const decipher = createDecipheriv('aes-256-gcm', key(secret, 'token'), iv);
    decipher.setAuthTag(bytes.subarray(start + 12, start + 28));
    const plain = Buffer.concat([decipher.update(bytes.subarray(start + 28)), decipher.final()]);
    return JSON.parse(plain.toString()) as Session;
  } catch {
    return undefined;
  }
}
