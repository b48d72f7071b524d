import type {
  DescribeAccountAttributesCommandInput,
  DescribeAccountAttributesCommandOutput,
  DescribeAvailabilityZonesCommandInput,
  DescribeAvailabilityZonesCommandOutput,
  DescribeDhcpOptionsCommandInput,
  DescribeDhcpOptionsCommandOutput,
  DescribeInstancesCommandInput,
  DescribeInstancesCommandOutput,
  DescribeRegionsCommandInput,
  DescribeRegionsCommandOutput,
} from '@aws-sdk/client-ec2';
import { AwsError } from '../../errors.ts';
import { ec2Operation, onAll } from './access.ts';
import { filterRecords } from './describe.ts';
import { invalidParameter } from './kinds.ts';
import { dhcpOptionsId, zonesOf } from './places.ts';
import { vpcs } from './tables.ts';

/** What an account finds in a region before it makes anything: zones, regions, limits. */

export const DescribeAvailabilityZones = ec2Operation<
  DescribeAvailabilityZonesCommandInput,
  DescribeAvailabilityZonesCommandOutput
>({
  access: (ctx) => onAll(ctx, 'DescribeAvailabilityZones'),
  run(ctx, input) {
    const zones = zonesOf(ctx.region).map((zone) => ({ ...zone, Tags: {} }));
    for (const name of input.ZoneNames ?? [])
      if (!zones.some(({ ZoneName }) => ZoneName === name))
        throw invalidParameter(`Invalid availability zone: [${name}]`);
    for (const id of input.ZoneIds ?? [])
      if (!zones.some(({ ZoneId }) => ZoneId === id)) throw invalidParameter(`Invalid availability zone-id: [${id}]`);
    const wanted = zones.filter(
      ({ ZoneName, ZoneId }) =>
        (!input.ZoneNames?.length || input.ZoneNames.includes(ZoneName)) &&
        (!input.ZoneIds?.length || input.ZoneIds.includes(ZoneId)),
    );
    const matching = filterRecords(
      ctx,
      wanted,
      (zone) => zone,
      {
        'zone-name': (zone) => zone.ZoneName,
        'zone-id': (zone) => zone.ZoneId,
        'region-name': (_, { region }) => region,
        'zone-type': () => 'availability-zone',
        'group-name': (_, { region }) => `${region}-zg-1`,
        'opt-in-status': () => 'opt-in-not-required',
        'network-border-group': (_, { region }) => region,
        state: () => 'available',
      },
      input.Filters,
    );
    return {
      AvailabilityZones: matching.map(({ ZoneName, ZoneId }) => ({
        State: 'available',
        OptInStatus: 'opt-in-not-required',
        Messages: [],
        RegionName: ctx.region,
        ZoneName,
        ZoneId,
        GroupName: `${ctx.region}-zg-1`,
        NetworkBorderGroup: ctx.region,
        ZoneType: 'availability-zone',
      })),
    };
  },
});

const regions = [
  'ap-northeast-1',
  'ap-northeast-2',
  'ap-northeast-3',
  'ap-south-1',
  'ap-southeast-1',
  'ap-southeast-2',
  'ca-central-1',
  'eu-central-1',
  'eu-north-1',
  'eu-west-1',
  'eu-west-2',
  'eu-west-3',
  'sa-east-1',
  'us-east-1',
  'us-east-2',
  'us-west-1',
  'us-west-2',
];

export const DescribeRegions = ec2Operation<DescribeRegionsCommandInput, DescribeRegionsCommandOutput>({
  access: (ctx) => onAll(ctx, 'DescribeRegions'),
  run(ctx, input) {
    for (const name of input.RegionNames ?? [])
      if (!regions.includes(name)) throw invalidParameter(`Invalid region provided: ${name}`);
    const wanted = regions.filter((name) => !input.RegionNames?.length || input.RegionNames.includes(name));
    const matching = filterRecords(
      ctx,
      wanted,
      (name) => ({ name, Tags: {} }),
      {
        'region-name': ({ name }) => name,
        endpoint: ({ name }) => `ec2.${name}.amazonaws.com`,
        'opt-in-status': () => 'opt-in-not-required',
      },
      input.Filters,
    );
    return {
      Regions: matching.map((name) => ({
        RegionName: name,
        Endpoint: `ec2.${name}.amazonaws.com`,
        OptInStatus: 'opt-in-not-required',
      })),
    };
  },
});

export const DescribeAccountAttributes = ec2Operation<
  DescribeAccountAttributesCommandInput,
  DescribeAccountAttributesCommandOutput
>({
  access: (ctx) => onAll(ctx, 'DescribeAccountAttributes'),
  run(ctx, input) {
    const attributes: Record<string, string> = {
      'supported-platforms': 'VPC',
      'default-vpc': ctx.state.list(vpcs, ctx).find(({ value }) => value.IsDefault)?.id ?? 'none',
      'vpc-max-security-groups-per-interface': '5',
      'max-elastic-ips': '5',
      'vpc-max-elastic-ips': '5',
      'max-instances': '20',
    };
    for (const name of input.AttributeNames ?? [])
      if (!Object.hasOwn(attributes, name)) throw invalidParameter(`The attribute '${name}' is not valid`);
    return {
      AccountAttributes: Object.entries(attributes)
        .filter(([name]) => !input.AttributeNames?.length || (input.AttributeNames as string[]).includes(name))
        .map(([AttributeName, AttributeValue]) => ({ AttributeName, AttributeValues: [{ AttributeValue }] })),
    };
  },
});

// differs from AWS: there are no instances, so that nothing is ever listed
export const DescribeInstances = ec2Operation<DescribeInstancesCommandInput, DescribeInstancesCommandOutput>({
  access: (ctx) => onAll(ctx, 'DescribeInstances'),
  run(_, input) {
    const id = input.InstanceIds?.[0];
    if (id?.startsWith('i-'))
      throw new AwsError('InvalidInstanceID.NotFound', `The instance ID '${id}' does not exist`);
    if (id !== undefined) throw new AwsError('InvalidInstanceID.Malformed', `Invalid id: "${id}" (expecting "i-...")`);
    return { Reservations: [] };
  },
});

export const DescribeDhcpOptions = ec2Operation<DescribeDhcpOptionsCommandInput, DescribeDhcpOptionsCommandOutput>({
  access: (ctx) => onAll(ctx, 'DescribeDhcpOptions'),
  run(ctx, input) {
    const DhcpOptionsId = dhcpOptionsId(ctx);
    for (const id of input.DhcpOptionsIds ?? [])
      if (id !== DhcpOptionsId)
        throw new AwsError('InvalidDhcpOptionsID.NotFound', `The dhcpOptions ID '${id}' does not exist`);
    const domain = ctx.region === 'us-east-1' ? 'ec2.internal' : `${ctx.region}.compute.internal`;
    const all = [{ DhcpOptionsId, Tags: {} }];
    return {
      DhcpOptions: filterRecords(
        ctx,
        all,
        (each) => each,
        {
          'dhcp-options-id': (each) => each.DhcpOptionsId,
          key: () => ['domain-name', 'domain-name-servers'],
          value: () => [domain, 'AmazonProvidedDNS'],
        },
        input.Filters,
      ).map(() => ({
        DhcpOptionsId,
        OwnerId: ctx.account,
        Tags: [],
        DhcpConfigurations: [
          { Key: 'domain-name', Values: [{ Value: domain }] },
          { Key: 'domain-name-servers', Values: [{ Value: 'AmazonProvidedDNS' }] },
        ],
      })),
    };
  },
});

export const zoneOperations = {
  DescribeAvailabilityZones,
  DescribeRegions,
  DescribeAccountAttributes,
  DescribeInstances,
  DescribeDhcpOptions,
};
