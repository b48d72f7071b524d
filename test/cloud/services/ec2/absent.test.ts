import {
  DescribeClientVpnEndpointsCommand,
  DescribeFlowLogsCommand,
  DescribeImagesCommand,
  DescribeLaunchTemplatesCommand,
  DescribeSnapshotsCommand,
  DescribeTransitGatewaysCommand,
  DescribeVolumesCommand,
  DescribeVpcPeeringConnectionsCommand,
  DescribeVpnConnectionsCommand,
  EC2Client,
  GetEbsEncryptionByDefaultCommand,
  GetImageBlockPublicAccessStateCommand,
  GetInstanceMetadataDefaultsCommand,
  GetSnapshotBlockPublicAccessStateCommand,
} from '@aws-sdk/client-ec2';
import { beforeAll, describe, expect, it } from 'vitest';
import { client, createTestCloud } from '../../test-cloud.ts';

let ec2: EC2Client;
beforeAll(() => {
  ec2 = client(EC2Client, createTestCloud().cloud);
});

describe('what no account here can make', () => {
  it('is listed as empty', async () => {
    expect((await ec2.send(new DescribeVolumesCommand({}))).Volumes).toEqual([]);
    expect((await ec2.send(new DescribeSnapshotsCommand({ OwnerIds: ['self'] }))).Snapshots).toEqual([]);
    expect((await ec2.send(new DescribeImagesCommand({ Owners: ['self'] }))).Images).toEqual([]);
    expect((await ec2.send(new DescribeFlowLogsCommand({}))).FlowLogs).toEqual([]);
    expect((await ec2.send(new DescribeVpcPeeringConnectionsCommand({}))).VpcPeeringConnections).toEqual([]);
    expect((await ec2.send(new DescribeVpnConnectionsCommand({}))).VpnConnections).toEqual([]);
    expect((await ec2.send(new DescribeTransitGatewaysCommand({}))).TransitGateways).toEqual([]);
    expect((await ec2.send(new DescribeClientVpnEndpointsCommand({}))).ClientVpnEndpoints).toEqual([]);
    expect((await ec2.send(new DescribeLaunchTemplatesCommand({}))).LaunchTemplates).toEqual([]);
  });

  it.each([
    ['InvalidVolume.NotFound', new DescribeVolumesCommand({ VolumeIds: ['vol-0123456789abcdef0'] })],
    ['InvalidSnapshot.NotFound', new DescribeSnapshotsCommand({ SnapshotIds: ['snap-0123456789abcdef0'] })],
    ['InvalidFlowLogId.NotFound', new DescribeFlowLogsCommand({ FlowLogIds: ['fl-0123456789abcdef0'] })],
    [
      'InvalidLaunchTemplateId.NotFound',
      new DescribeLaunchTemplatesCommand({ LaunchTemplateIds: ['lt-0123456789abcdef0'] }),
    ],
    [
      'InvalidLaunchTemplateName.NotFoundException',
      new DescribeLaunchTemplatesCommand({ LaunchTemplateNames: ['web'] }),
    ],
    ['DryRunOperation', new DescribeVolumesCommand({ DryRun: true })],
  ])('is not there: %s', async (name, command) => {
    await expect(ec2.send(command as DescribeVolumesCommand)).rejects.toMatchObject({ name });
  });

  it('does not pretend that nobody else has images', async () => {
    await expect(ec2.send(new DescribeImagesCommand({}))).rejects.toMatchObject({ $metadata: { httpStatusCode: 501 } });
    await expect(ec2.send(new DescribeSnapshotsCommand({ OwnerIds: ['amazon'] }))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 501 },
    });
  });
});

it('an account starts with the settings that AWS gives it', async () => {
  expect(await ec2.send(new GetEbsEncryptionByDefaultCommand({}))).toMatchObject({ EbsEncryptionByDefault: false });
  expect(await ec2.send(new GetSnapshotBlockPublicAccessStateCommand({}))).toMatchObject({ State: 'unblocked' });
  expect(await ec2.send(new GetImageBlockPublicAccessStateCommand({}))).toMatchObject({
    ImageBlockPublicAccessState: 'block-new-sharing',
  });
  expect((await ec2.send(new GetInstanceMetadataDefaultsCommand({}))).AccountLevel?.HttpTokens).toBeUndefined();
});
