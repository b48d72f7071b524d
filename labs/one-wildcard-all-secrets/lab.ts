import { CreateAliasCommand, CreateKeyCommand, EncryptCommand, KMSClient } from '@aws-sdk/client-kms';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import {
  allow,
  alphanumeric,
  attackFails,
  createExecutionRole,
  createFunction,
  createUser,
  defineLab,
  digits,
  hex,
  putRolePolicy,
} from '../../server/kit.ts';
import { readEverySecret } from './attack.ts';
import { labelsArePrinted } from './checks/labels.ts';
import { onlyItsKey, onlyItsParameters, onlyItsSecret } from './checks/powers.ts';
import { carrierHost, carrierOf, issueToken, othersParameters, othersSecrets, ownPath, ownSecret } from './roastery.ts';

export default defineLab({
  accounts: ['attacker'],
  needs: ['containment', 'network'],

  async deploy(world) {
    const { admin } = world.account();
    const { random } = world;
    const kms = admin.client(KMSClient);
    const keyNamed = async (name: string, Description: string): Promise<string> => {
      const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Description }));
      await kms.send(new CreateAliasCommand({ AliasName: `alias/${name}`, TargetKeyId: KeyMetadata!.KeyId! }));
      return KeyMetadata!.Arn!;
    };
    const production = await keyNamed('prod-secrets', 'secrets and parameters of production');
    const finance = await keyNamed('finance', 'what finance seals: bank files, payroll');

    const token = `pfx_${alphanumeric(random, 28)}`;
    const secrets = admin.client(SecretsManagerClient);
    const store = async (Name: string, SecretString: string): Promise<string> =>
      (await secrets.send(new CreateSecretCommand({ Name, SecretString, KmsKeyId: production }))).ARN!;
    const carrier = await store(ownSecret, token);
    for (const name of othersSecrets) await store(name, hex(random, 20));

    const sender = `Tin Cup Roasters, Quay ${digits(random, 2)}, Porto`;
    const signingKey = hex(random, 32);
    const ssm = admin.client(SSMClient);
    await ssm.send(new PutParameterCommand({ Name: `${ownPath}/sender`, Type: 'String', Value: sender }));
    const put = (Name: string, Value: string, KeyId: string) =>
      ssm.send(new PutParameterCommand({ Name, Value, KeyId, Type: 'SecureString' }));
    await put(`${ownPath}/signing/key`, signingKey, production);
    for (const name of othersParameters)
      await put(name, hex(random, 16), name.startsWith('/finance/') ? finance : production);
    const sealed = await kms.send(
      new EncryptCommand({
        KeyId: finance,
        Plaintext: Buffer.from(hex(random, 16)),
        EncryptionContext: { ledger: 'payroll' },
      }),
    );

    const role = await createExecutionRole(admin, 'dispatch-role');
    await putRolePolicy(
      admin,
      'dispatch-role',
      'secrets',
      allow('secretsmanager:GetSecretValue', secretPattern(carrier)),
      allow(['ssm:GetParameter', 'ssm:GetParameters', 'ssm:GetParametersByPath'], '*'),
      allow('kms:Decrypt', '*'),
    );
    const dispatch = await createFunction(
      admin,
      'dispatch',
      role,
      world.zip('function'),
      { CARRIER_URL: `https://${carrierHost}`, CARRIER_SECRET: ownSecret, SETTINGS_PATH: ownPath },
      { MemorySize: 256 },
    );
    await createUser(admin, 'shop', 'orders', allow('lambda:InvokeFunction', [dispatch, `${dispatch}:*`]));
    issueToken(world.cloud, token);
    world.secret('token', token);
    world.secret('signing key', signingKey);
    world.secret('sender', sender);
    world.secret('sealed by finance', Buffer.from(sealed.CiphertextBlob!).toString('base64'));
    world.output('function', 'dispatch');
    world.output('role', 'dispatch-role');
    world.output('own secret', carrier);
    world.output('own parameters', ownPath);
    world.output('production key', production);
    world.output('finance key', finance);
  },

  hosts: (facts) => [carrierOf(facts)],

  exploit: readEverySecret,

  checks: {
    'labels-are-printed': {
      kind: 'function',
      title: 'Labels are printed, also after secrets were changed',
      points: 0,
      run: labelsArePrinted,
    },

    'a-label-opens-no-secret': {
      kind: 'exploit',
      title: 'Credentials from a label open no secret of others',
      points: 25,
      run: attackFails(readEverySecret),
    },

    'reads-only-its-secret': {
      kind: 'policy',
      title: 'dispatch reads its own secret only',
      points: 30,
      run: onlyItsSecret,
    },

    'reads-only-its-parameters': {
      kind: 'policy',
      title: 'dispatch reads its own parameters only',
      points: 25,
      run: onlyItsParameters,
    },

    'uses-only-its-key': {
      kind: 'policy',
      title: 'dispatch cannot open what finance has sealed',
      points: 20,
      run: onlyItsKey,
    },
  },

  map: {
    nodes: [
      { id: 'customer', label: 'a customer who picks a format', kind: 'entry' },
      { id: 'dispatch', label: 'dispatch', kind: 'principal' },
      { id: 'role', label: 'dispatch-role', kind: 'principal' },
      { id: 'secrets', label: 'prod/card-gateway, prod/carrier-admin …', kind: 'impact' },
      { id: 'parameters', label: '/prod/card-gateway …', kind: 'impact' },
      { id: 'sealed', label: 'what finance sealed', kind: 'impact' },
    ],
    edges: [
      { from: 'customer', to: 'dispatch', call: 'format ../../proc/self/environ', cutBy: [] },
      { from: 'dispatch', to: 'role', call: 'credentials in the environment', cutBy: [] },
      {
        from: 'role',
        to: 'secrets',
        call: 'secretsmanager:GetSecretValue',
        cutBy: ['a-label-opens-no-secret', 'reads-only-its-secret'],
      },
      {
        from: 'role',
        to: 'parameters',
        call: 'ssm:GetParametersByPath /',
        cutBy: ['a-label-opens-no-secret', 'reads-only-its-parameters'],
      },
      { from: 'role', to: 'sealed', call: 'kms:Decrypt', cutBy: ['uses-only-its-key'] },
    ],
  },
});

/** `…:secret:prod/*`, as somebody in a hurry wrote it. */
const secretPattern = (arn: string): string => `${arn.slice(0, arn.indexOf(':secret:'))}:secret:prod/*`;
