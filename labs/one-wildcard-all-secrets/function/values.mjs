import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetParametersByPathCommand, SSMClient } from '@aws-sdk/client-ssm';

const secrets = new SecretsManagerClient({});
const ssm = new SSMClient({});
const minutes = 60_000;

let token;
let known;

// The carrier's token is kept for five minutes; `fresh` asks anew.
export async function carrierToken(fresh = false) {
  if (fresh || !token || token.until < Date.now()) {
    const { SecretString } = await secrets.send(new GetSecretValueCommand({ SecretId: process.env.CARRIER_SECRET }));
    token = { value: SecretString, until: Date.now() + 5 * minutes };
  }
  return token.value;
}

// All parameters below the path, by what follows it: { sender, 'signing/key' }.
export async function settings() {
  if (!known || known.until < Date.now()) {
    const { Parameters } = await ssm.send(
      new GetParametersByPathCommand({ Path: process.env.SETTINGS_PATH, Recursive: true, WithDecryption: true }),
    );
    const values = Parameters.map(({ Name, Value }) => [Name.slice(process.env.SETTINGS_PATH.length + 1), Value]);
    known = { values: Object.fromEntries(values), until: Date.now() + 5 * minutes };
  }
  return known.values;
}
