/** The code of orders as a learner changes it. */

/** What all of them have in common: `password()` and `query` are there. */
export const handler = `
export const handler = async (event) => {
  const ask = async (fresh) => query({ host: process.env.DB_HOST, port: 5432, user: process.env.DB_USER, password: await password(fresh), query: { order: String(event.order) } });
  const row = await ask(false);
  return row ?? { missing: event.order };
};
`;

/** Reads a secret by the SDK; `minutes` is how long it is kept (0: not at all). */
export const fromSecretsManager = (minutes: number | 'forever'): string => `
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { query } from './db.mjs';
const client = new SecretsManagerClient({});
let kept;
async function password() {
  if (!kept || ${minutes === 'forever' ? 'false' : `Date.now() > kept.until`}) {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: process.env.DB_SECRET }));
    kept = { value: SecretString.startsWith('{') ? JSON.parse(SecretString).password : SecretString, until: Date.now() + ${minutes === 'forever' ? 0 : minutes} * 60000 };
  }
  return kept.value;
}
${handler}`;

/** Reads a SecureString at every call. */
export const fromParameter = `
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { query } from './db.mjs';
const client = new SSMClient({});
const password = async () => (await client.send(new GetParameterCommand({ Name: process.env.DB_PARAMETER, WithDecryption: true }))).Parameter.Value;
${handler}`;

/** Asks the Parameters and Secrets extension. */
export const fromExtension = `
import { query } from './db.mjs';
async function password() {
  const response = await fetch('http://localhost:2773/secretsmanager/get?secretId=' + encodeURIComponent(process.env.DB_SECRET), { headers: { 'X-Aws-Parameters-Secrets-Token': process.env.AWS_SESSION_TOKEN } });
  if (!response.ok) throw new Error('extension: ' + response.status + ' ' + (await response.text()));
  return JSON.parse(JSON.parse(await response.text()).SecretString).password;
}
${handler}`;

/** As `fromExtension`, for a parameter. */
export const parameterFromExtension = fromExtension
  .replace(
    /fetch\('[^']*' \+ encodeURIComponent\(process.env.DB_SECRET\)/,
    "fetch('http://localhost:2773/systemsmanager/parameters/get?name=orders-db&withDecryption=true'",
  )
  .replace(
    'JSON.parse(JSON.parse(await response.text()).SecretString).password',
    'JSON.parse(await response.text()).Parameter.Value',
  );

/** Reads all parameters below a path. */
export const fromPath = `
import { GetParametersByPathCommand, SSMClient } from '@aws-sdk/client-ssm';
import { query } from './db.mjs';
const client = new SSMClient({});
const password = async () => (await client.send(new GetParametersByPathCommand({ Path: '/orders/db', WithDecryption: true }))).Parameters.find(({ Name }) => Name.endsWith('/password')).Value;
${handler}`;

/** Takes a role, and reads the secret with it. */
export const fromSecretsManagerThroughRole = `
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { query } from './db.mjs';
const sts = new STSClient({});
async function password() {
  const { Credentials: c } = await sts.send(new AssumeRoleCommand({ RoleArn: process.env.READER, RoleSessionName: 'orders' }));
  const client = new SecretsManagerClient({ credentials: { accessKeyId: c.AccessKeyId, secretAccessKey: c.SecretAccessKey, sessionToken: c.SessionToken } });
  return (await client.send(new GetSecretValueCommand({ SecretId: process.env.DB_SECRET }))).SecretString;
}
${handler}`;

/** Keeps what it read until the database refuses it. */
export const whenRefused = `
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { query } from './db.mjs';
const client = new SecretsManagerClient({});
const read = async () => JSON.parse((await client.send(new GetSecretValueCommand({ SecretId: process.env.DB_SECRET }))).SecretString).connection;
let kept = read();
const ask = async (event) => query({ host: process.env.DB_HOST, port: 5432, ...(await kept), query: { order: String(event.order) } });
export const handler = async (event) => {
  try { return (await ask(event)) ?? { missing: event.order }; }
  catch { kept = read(); return (await ask(event)) ?? { missing: event.order }; }
};
`;
