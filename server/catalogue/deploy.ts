import { join } from 'node:path';
import { AttachUserPolicyCommand, CreateUserCommand, IAMClient } from '@aws-sdk/client-iam';
import { type AccountRecord, accounts, cloudScope, cloudSettings } from '../cloud/accounts.ts';
import type { Cloud } from '../cloud/cloud.ts';
import { digits, hex, type Random, seededRandom, upperAlphanumeric } from '../cloud/random.ts';
import { roles } from '../cloud/services/iam/tables.ts';
import { rootActor } from '../grading/actor.ts';
import type { Lab } from './catalogue.ts';
import type { DeployAccount, LabFacts, World } from './definition.ts';
import { labFacts } from './facts.ts';
import { membershipFor } from './organization.ts';
import { zipFolder } from './zip.ts';

export const region = 'us-east-1';

/** An administrator of the attacker's account: what anybody with an AWS account of their own can be. */
export const intruder = 'intruder';

const zips = new Map<string, Uint8Array>();

/**
 * Builds a lab in an empty cloud: its accounts, the learner's administrator, and what the lab's own deploy makes with the
 * official clients. `secret` is the cloud's key material: 64 hex digits that nobody can guess; all else follows the seed.
 */
export async function deployLab(cloud: Cloud, lab: Lab, seed: string, secret: string): Promise<LabFacts> {
  const random = seededRandom(seed);
  const facts: LabFacts = { outputs: {}, secrets: {} };
  const suffix = hex(random, 6);
  const kinds: AccountRecord['kind'][] = ['own', ...(lab.definition.accounts ?? [])];
  const { organization } = lab.definition;
  const membership = organization && membershipFor(organization, random);
  cloud.transact((state) => {
    state.put(cloudSettings, cloudScope, 'settings', { secret, region });
    for (const kind of kinds) {
      const id = accountId(random);
      const member = membership && (organization?.members ?? ['own']).includes(kind);
      state.put(accounts, cloudScope, id, {
        id,
        kind,
        name: kind === 'own' ? lab.id : kind,
        ...(member ? { organization: membership } : {}),
      });
      if (kind === 'own')
        state.put(
          roles,
          { account: id, region: '' },
          learnerRole.name,
          learnerRole.record(id, random, cloud.clock.now()),
        );
    }
  });
  await cloud.prepare();
  const source = { ip: '192.0.2.10', userAgent: 'lambda-range-deploy', secure: true };
  const known = new Map<string, DeployAccount>();
  const world: World = {
    region,
    random,
    cloud,
    name: (base) => `${base}-${suffix}`,
    account(kind = 'own') {
      const account = cloud.account(kind);
      let handle = known.get(account.id);
      if (!handle)
        known.set(
          account.id,
          (handle = { ...account, admin: rootActor({ name: 'deploy', cloud, region, source }, account.id) }),
        );
      return handle;
    },
    zip(folder) {
      const path = join(lab.folder, folder);
      let bytes = zips.get(path);
      if (!bytes) zips.set(path, (bytes = zipFolder(path)));
      return bytes;
    },
    output: (name, value) => {
      facts.outputs[name] = value;
    },
    secret: (name, value) => {
      facts.secrets[name] = value;
    },
  };
  if (kinds.includes('attacker')) {
    const iam = world.account('attacker').admin.client(IAMClient);
    await iam.send(new CreateUserCommand({ UserName: intruder }));
    await iam.send(
      new AttachUserPolicyCommand({ UserName: intruder, PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' }),
    );
  }
  await lab.definition.deploy(world);
  const { settled, pending } = await cloud.settle(10_000);
  if (!settled) throw new Error(`labs/${lab.id}: deploy does not come to rest: ${pending.join(', ')}`);
  cloud.transact((state) => state.put(labFacts, cloudScope, 'facts', facts));
  return facts;
}

/** Twelve digits that do not start with 0, as some tools lose it. */
function accountId(random: Random): string {
  return `${1 + (random.bytes(1)[0]! % 9)}${digits(random, 11)}`;
}

/** The learner signs in through IAM Identity Center, as engineers do: an administrator whose role nobody in the account can change. */
export const learnerRole = {
  name: 'AWSReservedSSO_AdministratorAccess_1f2e3d4c5b6a7988',
  path: '/aws-reserved/sso.amazonaws.com/',
  arn: (account: string): string => `arn:aws:iam::${account}:role${learnerRole.path}${learnerRole.name}`,
  record(account: string, random: Random, now: number) {
    return {
      roleName: learnerRole.name,
      roleId: `AROA${upperAlphanumeric(random, 17)}`,
      arn: learnerRole.arn(account),
      path: learnerRole.path,
      createDate: now,
      maxSessionDuration: 43_200,
      description: 'The learner of this account',
      assumeRolePolicyDocument: JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: { Federated: `arn:aws:iam::${account}:saml-provider/AWSSSO_lambda-range` },
            Action: ['sts:AssumeRoleWithSAML', 'sts:TagSession'],
          },
        ],
      }),
      attached: ['arn:aws:iam::aws:policy/AdministratorAccess'],
      inline: [],
      tags: {},
    };
  },
};
