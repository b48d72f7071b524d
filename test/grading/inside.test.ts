import {
  AssociateRouteTableCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateRouteTableCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  CreateVpcEndpointCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { doorsTo, insider } from '../../server/grading/inside.ts';
import type { FunctionNetwork } from '../../server/grading/network.ts';
import { allow, type CheckContext, policy } from '../../server/kit.ts';
import { client, createTestCloud, OWN, REGION } from '../cloud/test-cloud.ts';

test('code in a function brings keys along, and the policy of the endpoint is asked', async () => {
  const { cloud } = createTestCloud();
  const ec2 = client(EC2Client, cloud);
  const VpcId = (await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }))).Vpc!.VpcId!;
  const made = await ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock: '10.0.1.0/24' }));
  const SubnetId = made.Subnet!.SubnetId!;
  const RouteTableId = (await ec2.send(new CreateRouteTableCommand({ VpcId }))).RouteTable!.RouteTableId!;
  await ec2.send(new AssociateRouteTableCommand({ RouteTableId, SubnetId }));
  const { GroupId } = await ec2.send(new CreateSecurityGroupCommand({ VpcId, GroupName: 'f', Description: 'f' }));
  const evidence: object[] = [];
  const ctx = { cloud, region: REGION, account: () => ({ id: OWN }), evidence } as unknown as CheckContext;
  const place = { id: SubnetId, name: 'app', zone: 'a' };
  const network: FunctionNetwork = {
    functionName: 'f',
    functionArn: `arn:aws:lambda:${REGION}:${OWN}:function:f`,
    vpcId: VpcId,
    subnets: [place],
    securityGroupIds: [GroupId!],
    ipv6: false,
  };
  expect(doorsTo(ctx, network, place, 's3')).toEqual([]);

  const { VpcEndpoint } = await ec2.send(
    new CreateVpcEndpointCommand({
      VpcId,
      ServiceName: `com.amazonaws.${REGION}.s3`,
      RouteTableIds: [RouteTableId],
      PolicyDocument: policy(allow('s3:PutObject', 'arn:aws:s3:::allowed/*', { Principal: '*' })),
    }),
  );
  const [door, ...others] = doorsTo(ctx, network, place, 's3');
  expect(others).toEqual([]);
  expect(door).toMatchObject({
    name: `f in app, through ${VpcEndpoint!.VpcEndpointId}`,
    source: { vpceId: VpcEndpoint!.VpcEndpointId, vpcId: VpcId },
  });
  for (const Bucket of ['allowed', 'other']) await client(S3Client, cloud).send(new CreateBucketCommand({ Bucket }));
  const credentials = cloud.issueSession({ account: OWN, sessionName: 'root', principalId: OWN });
  const s3 = insider(ctx, 'root', door!, credentials).client(S3Client);
  await s3.send(new PutObjectCommand({ Bucket: 'allowed', Key: 'x', Body: 'x' }));
  await expect(s3.send(new PutObjectCommand({ Bucket: 'other', Key: 'x', Body: 'x' }))).rejects.toThrow(
    'no VPC endpoint policy allows',
  );
  const nobody = insider(ctx, 'nobody', door!).client(S3Client);
  await expect(nobody.send(new PutObjectCommand({ Bucket: 'allowed', Key: 'x', Body: 'x' }))).rejects.toMatchObject({
    name: 'AccessDenied',
  });
  expect(evidence).toHaveLength(3);
});

test('an interface endpoint is a door by its own name, and a function in no VPC goes over the internet', async () => {
  const { cloud } = createTestCloud();
  const ec2 = client(EC2Client, cloud);
  const VpcId = (await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }))).Vpc!.VpcId!;
  const made = await ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock: '10.0.1.0/24' }));
  const place = { id: made.Subnet!.SubnetId!, name: 'app', zone: 'a' };
  const ctx = { cloud, region: REGION, account: () => ({ id: OWN }), evidence: [] } as unknown as CheckContext;
  const { GroupId } = await ec2.send(new CreateSecurityGroupCommand({ VpcId, GroupName: 'f', Description: 'f' }));
  const network: FunctionNetwork = {
    functionName: 'f',
    functionArn: `arn:aws:lambda:${REGION}:${OWN}:function:f`,
    vpcId: VpcId,
    subnets: [place],
    securityGroupIds: [GroupId!],
    ipv6: false,
  };
  expect(doorsTo(ctx, network, undefined, 's3').map(({ name }) => name)).toEqual(['f in no VPC, over the internet']);
  await ec2.send(
    new AuthorizeSecurityGroupIngressCommand({
      GroupId: GroupId!,
      IpPermissions: [{ IpProtocol: 'tcp', FromPort: 443, ToPort: 443, UserIdGroupPairs: [{ GroupId: GroupId! }] }],
    }),
  );
  const { VpcEndpoint } = await ec2.send(
    new CreateVpcEndpointCommand({
      VpcId,
      VpcEndpointType: 'Interface',
      ServiceName: `com.amazonaws.${REGION}.s3`,
      SubnetIds: [place.id],
      SecurityGroupIds: [GroupId!],
      PrivateDnsEnabled: false,
    }),
  );
  expect(doorsTo(ctx, network, place, 's3').map(({ name }) => name)).toEqual([
    `f in app, through ${VpcEndpoint!.VpcEndpointId}`,
  ]);
});
