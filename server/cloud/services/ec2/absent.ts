import type {
  DescribeClientVpnEndpointsCommandInput,
  DescribeClientVpnEndpointsCommandOutput,
  DescribeFlowLogsCommandInput,
  DescribeFlowLogsCommandOutput,
  DescribeImagesCommandInput,
  DescribeImagesCommandOutput,
  DescribeLaunchTemplatesCommandInput,
  DescribeLaunchTemplatesCommandOutput,
  DescribeSnapshotsCommandInput,
  DescribeSnapshotsCommandOutput,
  DescribeTransitGatewaysCommandInput,
  DescribeTransitGatewaysCommandOutput,
  DescribeVolumesCommandInput,
  DescribeVolumesCommandOutput,
  DescribeVpcPeeringConnectionsCommandInput,
  DescribeVpcPeeringConnectionsCommandOutput,
  DescribeVpnConnectionsCommandInput,
  DescribeVpnConnectionsCommandOutput,
} from '@aws-sdk/client-ec2';
import type { Operation, Output } from '../../context.ts';
import { AwsError, NotEmulated } from '../../errors.ts';
import { ec2Operation, onAll } from './access.ts';

/*
 * Kinds of resources that no account here can make: their lists are empty, as those of an account that has made none.
 * Auditors read them all. Making one is not emulated, and says so.
 */

/** @param named how AWS answers for an id: code and message */
function nothing<I extends object, O>(
  action: string,
  idsOf: (input: I) => readonly string[] | undefined,
  named: (id: string) => [code: string, message: string],
  answer: Output<O>,
): Operation<I, Output<O>> {
  return ec2Operation<I, O>({
    access: (ctx) => onAll(ctx, action),
    run(_ctx, input) {
      const id = idsOf(input)?.[0];
      if (id !== undefined) throw new AwsError(...named(id));
      return answer;
    },
  });
}

/** Public images and snapshots are AWS's and other people's, and there are many thousands of them. */
function ownOnly(owners: readonly string[] | undefined, account: string, operation: string): void {
  if (!owners?.length || owners.some((owner) => owner !== 'self' && owner !== account))
    throw new NotEmulated(`${operation} of other owners`);
}

export const DescribeVolumes = nothing<DescribeVolumesCommandInput, DescribeVolumesCommandOutput>(
  'DescribeVolumes',
  ({ VolumeIds }) => VolumeIds,
  (id) => ['InvalidVolume.NotFound', `The volume '${id}' does not exist.`],
  { Volumes: [] },
);

export const DescribeSnapshots = ec2Operation<DescribeSnapshotsCommandInput, DescribeSnapshotsCommandOutput>({
  access: (ctx) => onAll(ctx, 'DescribeSnapshots'),
  run(ctx, { SnapshotIds, OwnerIds }) {
    const id = SnapshotIds?.[0];
    if (id !== undefined) throw new AwsError('InvalidSnapshot.NotFound', `The snapshot '${id}' does not exist.`);
    ownOnly(OwnerIds, ctx.account, 'ec2:DescribeSnapshots');
    return { Snapshots: [] };
  },
});

export const DescribeImages = ec2Operation<DescribeImagesCommandInput, DescribeImagesCommandOutput>({
  access: (ctx) => onAll(ctx, 'DescribeImages'),
  run(ctx, { Owners }) {
    ownOnly(Owners, ctx.account, 'ec2:DescribeImages');
    return { Images: [] };
  },
});

export const DescribeFlowLogs = nothing<DescribeFlowLogsCommandInput, DescribeFlowLogsCommandOutput>(
  'DescribeFlowLogs',
  ({ FlowLogIds }) => FlowLogIds,
  (id) => ['InvalidFlowLogId.NotFound', `The flow log ID '${id}' does not exist`],
  { FlowLogs: [] },
);

export const DescribeVpcPeeringConnections = nothing<
  DescribeVpcPeeringConnectionsCommandInput,
  DescribeVpcPeeringConnectionsCommandOutput
>(
  'DescribeVpcPeeringConnections',
  ({ VpcPeeringConnectionIds }) => VpcPeeringConnectionIds,
  (id) => ['InvalidVpcPeeringConnectionID.NotFound', `The vpcPeeringConnection ID '${id}' does not exist`],
  { VpcPeeringConnections: [] },
);

export const DescribeVpnConnections = nothing<DescribeVpnConnectionsCommandInput, DescribeVpnConnectionsCommandOutput>(
  'DescribeVpnConnections',
  ({ VpnConnectionIds }) => VpnConnectionIds,
  (id) => ['InvalidVpnConnectionID.NotFound', `The vpnConnection ID '${id}' does not exist`],
  { VpnConnections: [] },
);

export const DescribeTransitGateways = nothing<
  DescribeTransitGatewaysCommandInput,
  DescribeTransitGatewaysCommandOutput
>(
  'DescribeTransitGateways',
  ({ TransitGatewayIds }) => TransitGatewayIds,
  (id) => ['InvalidTransitGatewayID.NotFound', `Transit Gateway ${id} was deleted or does not exist.`],
  { TransitGateways: [] },
);

export const DescribeClientVpnEndpoints = nothing<
  DescribeClientVpnEndpointsCommandInput,
  DescribeClientVpnEndpointsCommandOutput
>(
  'DescribeClientVpnEndpoints',
  ({ ClientVpnEndpointIds }) => ClientVpnEndpointIds,
  (id) => ['InvalidClientVpnEndpointId.NotFound', `Endpoint ${id} does not exist`],
  { ClientVpnEndpoints: [] },
);

export const DescribeLaunchTemplates = nothing<
  DescribeLaunchTemplatesCommandInput,
  DescribeLaunchTemplatesCommandOutput
>(
  'DescribeLaunchTemplates',
  ({ LaunchTemplateIds, LaunchTemplateNames }) => [...(LaunchTemplateIds ?? []), ...(LaunchTemplateNames ?? [])],
  (id) =>
    id.startsWith('lt-')
      ? ['InvalidLaunchTemplateId.NotFound', `The specified launch template, with template ID ${id}, does not exist.`]
      : [
          'InvalidLaunchTemplateName.NotFoundException',
          'At least one of the launch templates specified in the request does not exist.',
        ],
  { LaunchTemplates: [] },
);

export const absentOperations = {
  DescribeVolumes,
  DescribeSnapshots,
  DescribeImages,
  DescribeFlowLogs,
  DescribeVpcPeeringConnections,
  DescribeVpnConnections,
  DescribeTransitGateways,
  DescribeClientVpnEndpoints,
  DescribeLaunchTemplates,
};
