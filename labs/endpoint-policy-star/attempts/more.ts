import {
  AttachInternetGatewayCommand,
  CreateInternetGatewayCommand,
  CreateNatGatewayCommand,
  CreateRouteCommand,
} from '@aws-sdk/client-ec2';
import {
  LambdaClient,
  PublishVersionCommand,
  UpdateFunctionConfigurationCommand,
  type UpdateFunctionConfigurationCommandInput,
} from '@aws-sdk/client-lambda';
import { PutBucketPolicyCommand, S3Client } from '@aws-sdk/client-s3';
import { allow, policy, type Submission, type SubmissionContext } from '../../../server/kit.ts';
import { buckets, functionName } from '../buckets.ts';
import {
  anyone,
  deleteEndpoint,
  ec2,
  endpointPolicy,
  formsOf,
  openGroup,
  otherSubnets,
  own,
  s3Endpoint,
  scansOf,
  subnets,
  tables,
  vpc,
} from './account.ts';
import { away, principals, resources } from './near-misses.ts';

/** Written after the checks: what other people would do. */
export const more: Submission[] = [
  {
    name: 'own-name-of-the-endpoint',
    why: "an interface endpoint without private DNS, whose own name the function's variables give to the SDK",
    fails: [],
    async apply(ctx) {
      await deleteEndpoint(ctx);
      const { VpcEndpoint } = await s3Endpoint(ctx, {
        VpcEndpointType: 'Interface',
        SubnetIds: await subnets(ctx),
        SecurityGroupIds: [await openGroup(ctx)],
        PrivateDnsEnabled: false,
        PolicyDocument: policy(allow('s3:*', [...scansOf(ctx), ...formsOf(ctx)], own(ctx))),
      });
      const name = VpcEndpoint!.DnsEntries![0]!.DnsName!.replace('*', 'bucket');
      const { scans, forms } = buckets(ctx);
      const Variables = {
        SCANS_BUCKET: scans,
        FORMS_BUCKET: forms,
        FORM: 'forms/head.txt',
        AWS_ENDPOINT_URL_S3: `https://${name}`,
      };
      await settings(ctx, { Environment: { Variables } });
    },
  },
  {
    name: 'old-version',
    why: 'the function moved to subnets with a right endpoint; version 1 was published before and runs beside the open one',
    fails: [away, principals, resources],
    async apply(ctx) {
      await ctx.admin.client(LambdaClient).send(new PublishVersionCommand({ FunctionName: functionName }));
      // One VPC may have several gateway endpoints for a service, each in its own tables.
      const { table, subnetIds } = await otherSubnets(ctx);
      const PolicyDocument = policy(allow('s3:*', [...scansOf(ctx), ...formsOf(ctx)], own(ctx)));
      await s3Endpoint(ctx, { VpcEndpointType: 'Gateway', RouteTableIds: [table], PolicyDocument });
      await settings(ctx, { VpcConfig: { SubnetIds: subnetIds, SecurityGroupIds: [ctx.outputs['security group']!] } });
    },
  },
  {
    name: 'bucket-takes-the-endpoint-only',
    why: "the own bucket denies what does not come through the endpoint: that guards the bucket, not what leaves for others'",
    fails: [away, principals, resources],
    async apply(ctx) {
      const Policy = policy({
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:GetObject',
        Resource: scansOf(ctx)[1]!,
        Condition: { StringNotEquals: { 'aws:SourceVpce': ctx.outputs['VPC endpoint']! } },
      });
      const s3 = ctx.admin.client(S3Client);
      await s3.send(new PutBucketPolicyCommand({ Bucket: buckets(ctx).scans, Policy }));
    },
  },
  {
    name: 'if-the-key-exists',
    why: 'IfExists, copied from a Deny, in an Allow: harmless, as calls without keys have an aws:PrincipalAccount, anonymous',
    fails: [],
    async apply(ctx) {
      const ours = anyone({ StringEqualsIfExists: { 'aws:PrincipalAccount': ctx.account } });
      await endpointPolicy(ctx, allow('s3:*', [...scansOf(ctx), ...formsOf(ctx)], ours));
    },
  },
  {
    name: 'one-subnet-for-debugging',
    why: 'the right statements, and one that allows everything from the addresses of one subnet, left from a search for a bug',
    fails: [away, principals, resources],
    async apply(ctx) {
      const zoneB = anyone({ IpAddress: { 'aws:VpcSourceIp': '10.40.11.0/24' } });
      await endpointPolicy(ctx, allow('s3:*', [...scansOf(ctx), ...formsOf(ctx)], own(ctx)), allow('*', '*', zoneB));
    },
  },
  {
    name: 'reading-for-all',
    why: 'writing is for own principals and buckets; reading is for everybody, as packages come from buckets of strangers',
    fails: [principals, resources],
    apply: async (ctx) =>
      void (await endpointPolicy(
        ctx,
        allow('s3:*', '*', own(ctx, { 'aws:ResourceAccount': ctx.account })),
        allow('s3:GetObject', '*', anyone()),
      )),
  },
  {
    name: 'nat-for-updates',
    why: 'the endpoint is right, and a NAT gateway came back for updates: past it, S3 of other regions and all else is open',
    fails: [resources],
    async apply(ctx) {
      await endpointPolicy(ctx, allow('s3:*', [...scansOf(ctx), ...formsOf(ctx)], own(ctx)));
      const VpcId = vpc(ctx);
      const made = await ec2(ctx).send(new CreateInternetGatewayCommand({}));
      const { InternetGatewayId } = made.InternetGateway!;
      await ec2(ctx).send(new AttachInternetGatewayCommand({ VpcId, InternetGatewayId: InternetGatewayId! }));
      const { NatGateway } = await ec2(ctx).send(new CreateNatGatewayCommand({ VpcId, AvailabilityMode: 'regional' }));
      const [RouteTableId] = await tables(ctx);
      await ec2(ctx).send(
        new CreateRouteCommand({
          RouteTableId: RouteTableId!,
          DestinationCidrBlock: '0.0.0.0/0',
          NatGatewayId: NatGateway!.NatGatewayId!,
        }),
      );
    },
  },
];

const settings = (ctx: SubmissionContext, changed: Partial<UpdateFunctionConfigurationCommandInput>) =>
  ctx.admin
    .client(LambdaClient)
    .send(new UpdateFunctionConfigurationCommand({ FunctionName: functionName, ...changed }));
