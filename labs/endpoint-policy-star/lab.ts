import { CreateSecurityGroupCommand, CreateVpcCommand, CreateVpcEndpointCommand, EC2Client } from '@aws-sdk/client-ec2';
import { CreateBucketCommand, PutBucketPolicyCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  allow,
  attackFails,
  createExecutionRole,
  createFunction,
  createTier,
  createUser,
  defineLab,
  nameTag,
  policy,
  putRolePolicy,
  type World,
} from '../../server/kit.ts';
import { sendScansAway } from './attack.ts';
import { form, functionName } from './buckets.ts';
import { onlyOwnAndSharedBuckets, onlyOwnPrincipals } from './checks/endpoint.ts';
import { scansAreFiled } from './checks/function.ts';

export default defineLab({
  accounts: ['partner', 'attacker'],
  needs: ['containment', 'network'],

  async deploy(world) {
    const { admin, id: account } = world.account();
    const partner = world.account('partner');
    const scans = world.name('larkmoor-scans');
    const forms = world.name('meridoc-forms');
    const intake = world.name('meridoc-intake');
    await admin.client(S3Client).send(new CreateBucketCommand({ Bucket: scans }));
    const s3 = partner.admin.client(S3Client);
    const ours = { Principal: { AWS: `arn:aws:iam::${account}:root` } };
    for (const [Bucket, action] of [
      [forms, 's3:GetObject'],
      [intake, 's3:PutObject'],
    ] as const) {
      await s3.send(new CreateBucketCommand({ Bucket }));
      const Policy = policy(allow(action, `arn:aws:s3:::${Bucket}/*`, ours));
      await s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));
    }
    await s3.send(new PutObjectCommand({ Bucket: forms, Key: form, Body: 'Meridoc form 12\n' }));

    const network = await buildNetwork(world);
    const toCall = `arn:aws:lambda:${world.region}:${account}:function:${functionName}`;
    await createUser(admin, 'practice', 'file', allow('lambda:InvokeFunction', toCall));
    const role = await createExecutionRole(admin, 'store-scan-role', 'AWSLambdaVPCAccessExecutionRole');
    await putRolePolicy(admin, 'store-scan-role', 's3', allow(['s3:GetObject', 's3:PutObject'], '*'));
    await createFunction(
      admin,
      functionName,
      role,
      world.zip('function'),
      { SCANS_BUCKET: scans, FORMS_BUCKET: forms, FORM: form },
      { VpcConfig: { SubnetIds: network.subnets, SecurityGroupIds: [network.group] }, MemorySize: 256 },
    );
    world.output('function', functionName);
    world.output('account', account);
    world.output('bucket of scans', scans);
    world.output("partner's account", partner.id);
    world.output("partner's bucket of forms", forms);
    world.output("partner's other bucket", intake);
    world.output('VPC', network.vpc);
    world.output('VPC endpoint', network.endpoint);
    world.output('security group', network.group);
  },

  exploit: sendScansAway,

  checks: {
    'scans-are-filed': {
      kind: 'function',
      title: 'Scans are filed under the partner’s form',
      points: 0,
      run: scansAreFiled,
    },

    'scans-do-not-leave': {
      kind: 'exploit',
      title: 'Keys that code brings along do not carry scans away',
      points: 30,
      run: attackFails(sendScansAway),
    },

    'only-own-principals': {
      kind: 'policy',
      title: 'From inside, S3 answers the company’s own principals only',
      points: 30,
      run: onlyOwnPrincipals,
    },

    'only-own-and-shared-buckets': {
      kind: 'policy',
      title: 'From inside, own principals reach own buckets and the shared one only',
      points: 40,
      run: onlyOwnAndSharedBuckets,
    },
  },

  map: {
    nodes: [
      { id: 'code', label: 'Code in store-scan', kind: 'entry' },
      { id: 'foreign', label: 'Keys of the attacker, or none', kind: 'principal' },
      { id: 'role', label: 'store-scan-role', kind: 'principal' },
      { id: 'endpoint', label: 'S3 gateway endpoint', kind: 'resource' },
      { id: 'away', label: "Scans in the attacker's bucket", kind: 'impact' },
    ],
    edges: [
      { from: 'code', to: 'foreign', call: 'brings them along', cutBy: [] },
      { from: 'code', to: 'role', call: 'credentials in the environment', cutBy: [] },
      { from: 'foreign', to: 'endpoint', call: 's3:PutObject', cutBy: ['scans-do-not-leave', 'only-own-principals'] },
      { from: 'role', to: 'endpoint', call: 's3:PutObject', cutBy: ['only-own-and-shared-buckets'] },
      {
        from: 'endpoint',
        to: 'away',
        call: 'default policy',
        cutBy: ['scans-do-not-leave', 'only-own-principals', 'only-own-and-shared-buckets'],
      },
    ],
  },
});

/** Two private subnets with one route table, whose only way out is a gateway endpoint for S3. */
async function buildNetwork(world: World) {
  const ec2 = world.account().admin.client(EC2Client);
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.40.0.0/16', ...nameTag('vpc', 'scans') }));
  const VpcId = Vpc!.VpcId!;
  const { table: RouteTableId, subnets } = await createTier(ec2, VpcId, world.region, 'app', [
    '10.40.10.0/24',
    '10.40.11.0/24',
  ]);
  const { GroupId } = await ec2.send(
    new CreateSecurityGroupCommand({ VpcId, GroupName: functionName, Description: 'the function store-scan' }),
  );
  const { VpcEndpoint } = await ec2.send(
    new CreateVpcEndpointCommand({
      VpcId,
      VpcEndpointType: 'Gateway',
      ServiceName: `com.amazonaws.${world.region}.s3`,
      RouteTableIds: [RouteTableId],
      ...nameTag('vpc-endpoint', 's3'),
    }),
  );
  return { vpc: VpcId, subnets, group: GroupId!, endpoint: VpcEndpoint!.VpcEndpointId! };
}
