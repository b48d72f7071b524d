import type {
  DescribeVpcEndpointServicesCommandInput,
  DescribeVpcEndpointServicesCommandOutput,
  ServiceDetail,
} from '@aws-sdk/client-ec2';
import { AwsError } from '../../errors.ts';
import { digits } from '../../random.ts';
import { ec2Operation, onAll } from './access.ts';
import { filterRecords, pageOf } from './describe.ts';
import type { Ec2Context } from './kinds.ts';
import { zonesOf } from './places.ts';

/** A service that a VPC endpoint can lead to. */
export interface EndpointService {
  service: string;
  types: ('Gateway' | 'Interface')[];
  /** The name that private DNS takes. */
  privateDnsName: (region: string) => string;
  /** Whether an interface endpoint takes it when nobody says. */
  privateDnsByDefault: boolean;
}

const usual = (service: string, name = service): EndpointService => ({
  service,
  types: ['Interface'],
  privateDnsName: (region) => `${name}.${region}.amazonaws.com`,
  privateDnsByDefault: true,
});

/** Source: https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html */
const services: EndpointService[] = [
  { ...usual('s3', '*.s3'), types: ['Gateway', 'Interface'], privateDnsByDefault: false },
  { ...usual('dynamodb'), types: ['Gateway', 'Interface'], privateDnsByDefault: false },
  ...[
    'secretsmanager',
    'sqs',
    'sns',
    'kms',
    'logs',
    'lambda',
    'ssm',
    'sts',
    'ec2',
    'rds',
    'rds-data',
    'monitoring',
    'events',
    'states',
  ].map((name) => usual(name)),
  usual('execute-api', '*.execute-api'),
];

/** Of `com.amazonaws.us-east-1.sqs`; undefined when no endpoint leads there. */
export function findEndpointService(region: string, serviceName: string): EndpointService | undefined {
  const prefix = `com.amazonaws.${region}.`;
  if (!serviceName.startsWith(prefix)) return undefined;
  return services.find(({ service }) => service === serviceName.slice(prefix.length));
}

export function getEndpointService(ctx: Ec2Context, serviceName: string): EndpointService {
  const found = findEndpointService(ctx.region, serviceName);
  if (!found) throw new AwsError('InvalidServiceName', `The Vpc Endpoint Service '${serviceName}' does not exist`);
  return found;
}

const nameOf = (region: string, { service }: EndpointService): string => `com.amazonaws.${region}.${service}`;

function details(region: string, each: EndpointService, type: 'Gateway' | 'Interface', id: string): ServiceDetail {
  const zones = zonesOf(region);
  const dns = each.privateDnsName(region);
  return {
    ServiceName: nameOf(region, each),
    ServiceId: id,
    ServiceType: [{ ServiceType: type }],
    ServiceRegion: region,
    AvailabilityZoneIds: zones.map(({ ZoneId }) => ZoneId),
    AvailabilityZones: zones.map(({ ZoneName }) => ZoneName),
    Owner: 'amazon',
    BaseEndpointDnsNames: [
      type === 'Gateway' ? `${each.service}.${region}.amazonaws.com` : `${each.service}.${region}.vpce.amazonaws.com`,
    ],
    ...(type === 'Interface'
      ? { PrivateDnsName: dns, PrivateDnsNames: [{ PrivateDnsName: dns }], PrivateDnsNameVerificationState: 'verified' }
      : {}),
    VpcEndpointPolicySupported: true,
    AcceptanceRequired: false,
    ManagesVpcEndpoints: false,
    Tags: [],
    SupportedIpAddressTypes: ['ipv4'],
  };
}

export const DescribeVpcEndpointServices = ec2Operation<
  DescribeVpcEndpointServicesCommandInput,
  DescribeVpcEndpointServicesCommandOutput
>({
  access: (ctx) => onAll(ctx, 'DescribeVpcEndpointServices'),
  run(ctx, input) {
    for (const name of input.ServiceNames ?? []) getEndpointService(ctx, name);
    const all = services
      .flatMap((each, i) =>
        each.types.map((type) => ({
          ...details(ctx.region, each, type, serviceId(i, type)),
          type,
          key: `${each.service} ${type}`,
          Tags: {},
        })),
      )
      .filter(({ ServiceName }) => !input.ServiceNames?.length || input.ServiceNames.includes(ServiceName!))
      .sort((a, b) => (a.key < b.key ? -1 : 1));
    const matching = filterRecords(
      ctx,
      all,
      (each) => each,
      {
        'service-name': ({ ServiceName }) => ServiceName,
        'service-type': ({ type }) => type,
        'service-region': ({ ServiceRegion }) => ServiceRegion,
        owner: () => 'amazon',
        'supported-ip-address-types': () => 'ipv4',
      },
      input.Filters,
    );
    const { page, next } = pageOf(matching, ({ key }) => key, input);
    return {
      ServiceNames: [...new Set(page.map(({ ServiceName }) => ServiceName!))],
      ServiceDetails: page.map(({ key, type, Tags, ...detail }) => ({ ...detail, Tags: [] })),
      NextToken: next,
    };
  },
});

function serviceId(index: number, type: string): string {
  return `vpce-svc-0${digits({ bytes: (n) => Buffer.alloc(n, 17 * index + type.length) }, 16)}`;
}
