import { isDeepStrictEqual } from 'node:util';
import type { VpcEndpoint } from '@aws-sdk/client-ec2';
import { DEFAULT_POLICY } from '../../../services/ec2/endpoint-parts.ts';
import { findEndpointService } from '../../../services/ec2/endpoint-services.ts';
import type { SecurityGroupRecord, VpcEndpointRecord } from '../../../services/ec2/tables.ts';
import type { Source } from '../../types.ts';
import type { Interfaces } from './interfaces.ts';
import { present, stableHex, tagsOf, timeOf, withheld } from './stable.ts';

/** A VPC endpoint with its policy and one interface in each of its subnets. */
export async function vpcEndpointRecord(
  source: Source,
  endpoint: VpcEndpoint,
  groups: readonly SecurityGroupRecord[],
  interfaces: Interfaces,
  was: VpcEndpointRecord | undefined,
): Promise<VpcEndpointRecord> {
  const id = endpoint.VpcEndpointId!;
  const VpcId = endpoint.VpcId!;
  const ServiceName = endpoint.ServiceName!;
  // moto leaves the type of gateway endpoints out.
  const VpcEndpointType = endpoint.VpcEndpointType === 'Interface' ? 'Interface' : 'Gateway';
  const isInterface = VpcEndpointType === 'Interface';
  const service = findEndpointService(source.scope.region, ServiceName);
  const SecurityGroupIds = isInterface ? groupsOf(endpoint, groups, was) : [];
  const SubnetIds = endpoint.SubnetIds ?? [];
  const CreationTimestamp = timeOf(endpoint.CreationTimestamp) ?? was?.CreationTimestamp ?? 0;
  const DnsSuffix = suffixOf(endpoint) ?? was?.DnsSuffix ?? stableHex(8, id);
  const inbound =
    endpoint.DnsOptions?.PrivateDnsOnlyForInboundResolverEndpoint ??
    was?.PrivateDnsOnlyForInboundResolverEndpoint ??
    service?.service === 's3';
  return {
    VpcEndpointId: id,
    VpcEndpointType,
    VpcId,
    ServiceName,
    State: stateOf(endpoint),
    PolicyDocument: await policyOf(source, endpoint, was),
    RouteTableIds: endpoint.RouteTableIds ?? [],
    SubnetIds,
    SecurityGroupIds,
    NetworkInterfaceIds: isInterface
      ? interfacesOf(endpoint, SecurityGroupIds, CreationTimestamp, interfaces, was)
      : [],
    PrivateDnsEnabled:
      isInterface && (endpoint.PrivateDnsEnabled ?? was?.PrivateDnsEnabled ?? service?.privateDnsByDefault ?? true),
    ...(isInterface && service && service.types.length > 1
      ? { PrivateDnsOnlyForInboundResolverEndpoint: inbound }
      : {}),
    DnsSuffix,
    CreationTimestamp,
    ...present({ ClientToken: was?.ClientToken }),
    Tags: tagsOf(endpoint.Tags),
  };
}

function stateOf({ State }: VpcEndpoint): VpcEndpointRecord['State'] {
  const state = State ?? 'available';
  return (state.charAt(0).toUpperCase() + state.slice(1).toLowerCase()) as VpcEndpointRecord['State'];
}

/**
 * The groups of an interface endpoint: the known ones as long as they are there, as no emulator changes them when it is
 * told to; AWS takes the VPC's default one where nobody says.
 */
function groupsOf(
  endpoint: VpcEndpoint,
  groups: readonly SecurityGroupRecord[],
  was: VpcEndpointRecord | undefined,
): string[] {
  const own = groups.filter(({ VpcId }) => VpcId === endpoint.VpcId);
  const known = was?.SecurityGroupIds ?? [];
  if (known.length > 0 && known.every((id) => own.some(({ GroupId }) => GroupId === id))) return known;
  const given = (endpoint.Groups ?? []).map(({ GroupId }) => GroupId!);
  return given.length > 0
    ? given
    : own.filter(({ GroupName }) => GroupName === 'default').map(({ GroupId }) => GroupId);
}

/** The random part of its names: `vpce-0…-<suffix>.sqs.us-east-1.vpce.amazonaws.com`. */
function suffixOf({ VpcEndpointId, DnsEntries }: VpcEndpoint): string | undefined {
  for (const { DnsName } of DnsEntries ?? []) {
    const label = (DnsName ?? '').split('.').find((part) => part.startsWith(`${VpcEndpointId}-`));
    if (label) return label.slice(VpcEndpointId!.length + 1);
  }
  return undefined;
}

function interfacesOf(
  endpoint: VpcEndpoint,
  groups: readonly string[],
  since: number,
  interfaces: Interfaces,
  was: VpcEndpointRecord | undefined,
): string[] {
  const id = endpoint.VpcEndpointId!;
  const given = new Map(
    (endpoint.NetworkInterfaceIds ?? was?.NetworkInterfaceIds ?? []).flatMap((eni) => {
      const found = interfaces.find(eni) ?? interfaces.before(eni);
      return found ? [[found.SubnetId, eni] as const] : [];
    }),
  );
  const inSubnets = new Map(
    (endpoint.SubnetIds ?? []).map((subnetId) => [
      subnetId,
      interfaces.hold(given.get(subnetId), {
        key: `${id} ${subnetId}`,
        subnetId,
        groups,
        type: 'vpc_endpoint',
        description: `VPC Endpoint Interface ${id}`,
        requester: 'amazon-aws',
        since,
      }),
    ]),
  );
  return [...inSubnets.values()];
}

const statementsOf = (text: string | undefined): unknown => {
  try {
    return (JSON.parse(text ?? '') as { Statement?: unknown }).Statement;
  } catch {
    return undefined;
  }
};

/**
 * The policy as the user wrote it. LocalStack gives it back in another form, without its version, and MiniStack not at
 * all: then it is what is known already, as long as it says the same.
 */
async function policyOf(source: Source, endpoint: VpcEndpoint, was: VpcEndpointRecord | undefined): Promise<string> {
  const { PolicyDocument } = endpoint;
  if (PolicyDocument === undefined) {
    if (!was) await withheld(source, `the policy of VPC endpoint ${endpoint.VpcEndpointId}`);
    return was?.PolicyDocument ?? DEFAULT_POLICY;
  }
  if (PolicyDocument.includes('"Version"')) return PolicyDocument;
  const statements = statementsOf(PolicyDocument);
  const known = [was?.PolicyDocument, DEFAULT_POLICY].find((text) => isDeepStrictEqual(statementsOf(text), statements));
  // Only what has variables means another thing in another version.
  if (known === undefined && PolicyDocument.includes('${'))
    await withheld(source, `the policy version of VPC endpoint ${endpoint.VpcEndpointId}`);
  return known ?? PolicyDocument;
}
