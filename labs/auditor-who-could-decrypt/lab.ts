import { createHash } from 'node:crypto';
import {
  AddUserToGroupCommand,
  CreateGroupCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  PutGroupPolicyCommand,
} from '@aws-sdk/client-iam';
import { CreateAliasCommand as CreateKeyAliasCommand, CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import {
  CreateAliasCommand,
  LambdaClient,
  PublishVersionCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
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
  policy,
  putRolePolicy,
  trust,
} from '../../server/kit.ts';
import { readTheToken } from './attack.ts';
import { berthsAreAssigned, readersStillRead } from './checks/function.ts';
import { othersLearnNothing, rolesLearnNothing } from './checks/readers.ts';
import { evidence, harbourHost, harbourOf, readers } from './harbour.ts';

/** How things are configured, and the key to it: "read-only". */
const reading = ['lambda:Get*', 'lambda:List*', 'iam:Get*', 'iam:List*', 'kms:Describe*', 'kms:List*', 'kms:Decrypt'];

export default defineLab({
  needs: ['containment', 'network'],

  async deploy(world) {
    const { admin, id } = world.account();
    const [iam, kms, lambda] = [admin.client(IAMClient), admin.client(KMSClient), admin.client(LambdaClient)];
    const keyNamed = async (name: string, Description: string): Promise<string> => {
      const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Description }));
      await kms.send(new CreateKeyAliasCommand({ AliasName: `alias/${name}`, TargetKeyId: KeyMetadata!.KeyId! }));
      return KeyMetadata!.Arn!;
    };
    const berthsKey = await keyNamed('berths', 'variables of berths');
    const auditKey = await keyNamed('audit', 'evidence for auditors');

    const token = `pm-${digits(world.random, 4)}-${alphanumeric(world.random, 24)}`;
    const role = await createExecutionRole(admin, 'berths-role');
    const code = world.zip('function');
    const made = await createFunction(admin, 'berths', role, code, {
      HARBOUR_URL: `https://${harbourHost}`,
      HARBOUR_TOKEN: token,
    });
    // The first version is from before the key came.
    await lambda.send(new PublishVersionCommand({ FunctionName: 'berths' }));
    await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'berths', KMSKeyArn: berthsKey }));
    const { Version } = await lambda.send(new PublishVersionCommand({ FunctionName: 'berths' }));
    await lambda.send(new CreateAliasCommand({ FunctionName: 'berths', Name: 'live', FunctionVersion: Version! }));
    await createUser(admin, 'port-office', 'berths', allow('lambda:InvokeFunction', `${made}:live`));

    const proof = alphanumeric(world.random, 20);
    await admin
      .client(SSMClient)
      .send(new PutParameterCommand({ Name: evidence, Type: 'SecureString', Value: proof, KeyId: auditKey }));
    await iam.send(new CreateGroupCommand({ GroupName: readers }));
    await iam.send(
      new PutGroupPolicyCommand({
        GroupName: readers,
        PolicyName: 'read-only',
        PolicyDocument: policy(
          allow([...reading, 'logs:Describe*', 'ssm:DescribeParameters'], '*'),
          allow('ssm:GetParameter', `arn:aws:ssm:${world.region}:${id}:parameter/audit/*`),
        ),
      }),
    );
    for (const UserName of ['auditor', 'night-desk']) {
      await iam.send(new CreateUserCommand({ UserName }));
      await iam.send(new AddUserToGroupCommand({ UserName, GroupName: readers }));
    }
    const { Role } = await iam.send(
      new CreateRoleCommand({
        RoleName: 'dashboards',
        AssumeRolePolicyDocument: trust({ AWS: `arn:aws:iam::${id}:user/night-desk` }),
      }),
    );
    await putRolePolicy(admin, 'dashboards', 'pictures', allow(['lambda:Get*', 'lambda:List*', 'kms:Decrypt'], '*'));

    world.secret('token', token);
    world.secret('code of the start', createHash('sha256').update(code).digest('base64'));
    world.secret('evidence', proof);
    world.output('function', 'berths');
    world.output('alias', 'live');
    world.output('role', 'berths-role');
    world.output('group', readers);
    world.output('dashboards role', Role!.Arn!);
    world.output('key of berths', berthsKey);
    world.output('key of the audit', auditKey);
  },

  hosts: (facts) => [harbourOf(facts)],

  exploit: readTheToken,

  checks: {
    'berths-are-assigned': {
      kind: 'function',
      title: 'Berths are assigned',
      points: 0,
      run: berthsAreAssigned,
    },

    'readers-still-read': {
      kind: 'function',
      title: 'Readers still read configurations and evidence',
      points: 0,
      run: readersStillRead,
    },

    'auditor-learns-no-token': {
      kind: 'exploit',
      title: 'The auditor cannot learn the token',
      points: 40,
      run: attackFails(readTheToken),
    },

    'other-readers-learn-no-token': {
      kind: 'policy',
      title: 'No other reader can, neither today’s nor the next',
      points: 30,
      run: othersLearnNothing,
    },

    'roles-of-readers-learn-no-token': {
      kind: 'policy',
      title: 'No role that a reader may take on can',
      points: 30,
      run: rolesLearnNothing,
    },
  },

  map: {
    nodes: [
      { id: 'auditor', label: 'auditor, or a stolen laptop', kind: 'entry' },
      { id: 'night-desk', label: 'night-desk', kind: 'entry' },
      { id: 'dashboards', label: 'dashboards', kind: 'principal' },
      { id: 'variable', label: 'HARBOUR_TOKEN of berths', kind: 'resource' },
      { id: 'harbour', label: 'the harbour, as the port', kind: 'impact' },
    ],
    edges: [
      {
        from: 'auditor',
        to: 'variable',
        call: 'lambda:GetFunctionConfiguration, kms:Decrypt',
        cutBy: ['auditor-learns-no-token'],
      },
      {
        from: 'night-desk',
        to: 'variable',
        call: 'lambda:ListVersionsByFunction',
        cutBy: ['other-readers-learn-no-token'],
      },
      { from: 'night-desk', to: 'dashboards', call: 'sts:AssumeRole', cutBy: [] },
      {
        from: 'dashboards',
        to: 'variable',
        call: 'lambda:ListFunctions, kms:Decrypt',
        cutBy: ['roles-of-readers-learn-no-token'],
      },
      { from: 'variable', to: 'harbour', call: 'x-harbour-token', cutBy: [] },
    ],
  },
});
