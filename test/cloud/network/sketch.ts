import {
  awsPrefixLists,
  type Origin,
  parseAddress,
  type Reach,
  reach,
  type Target,
} from '../../../server/cloud/network/index.ts';
import * as tables from '../../../server/cloud/services/ec2/tables.ts';
import { AccountState } from '../../../server/cloud/state/account-state.ts';
import type { Table } from '../../../server/cloud/state/table.ts';
import { OWN, REGION } from '../test-cloud.ts';

/**
 * A VPC in a few words, written straight into records: 10.0.0.0/16 with the subnets `fn` (of the function), `other` (in
 * another zone) and `pub`; the first two share the table `private`, the third has `public`, and `main` serves nobody.
 */
export interface Sketch {
  /** table → destination → target: `igw`, `nat`, `eigw`, `local`, or an id that is not there. */
  routes?: Record<string, Record<string, string>>;
  /** subnet → table, where it is not as above; '' leaves it to the main table. */
  tables?: Record<string, string>;
  nat?: {
    in?: string;
    type?: 'public' | 'private';
    state?: 'available' | 'deleted' | 'failed';
    regional?: boolean;
    noAddress?: boolean;
  };
  igw?: 'attached' | 'detached' | 'deleted';
  eigw?: boolean;
  ipv6?: boolean;
  dns?: { support?: boolean; hostnames?: boolean };
  /** group → rules: `out tcp 443 0.0.0.0/0`, `in tcp 5432 sg:fn`, `out all ::/0`, `out tcp 443 pl:s3`. */
  groups?: Record<string, string[]>;
  /** subnet → entries of a network ACL of its own: `100 allow out tcp 443 0.0.0.0/0`; elsewhere everything passes. */
  acls?: Record<string, string[]>;
  endpoints?: EndpointSketch[];
}

export interface EndpointSketch {
  service: string;
  /** Route tables: a gateway endpoint. */
  tables?: string[];
  /** Subnets: an interface endpoint. */
  in?: string[];
  groups?: string[];
  dns?: boolean;
  state?: 'Available' | 'Pending';
  inboundOnly?: boolean;
  policy?: object;
}

export interface From {
  subnet?: string;
  groups?: string[];
  dual?: boolean;
}

const scope = { account: OWN, region: REGION };
const blocks: Record<string, string> = { pub: '10.0.0.0/24', fn: '10.0.1.0/24', other: '10.0.2.0/24' };
const zones: Record<string, string> = { pub: 'a', fn: 'a', other: 'b' };
const everything = [
  '100 allow in all 0.0.0.0/0',
  '100 allow out all 0.0.0.0/0',
  '101 allow in all ::/0',
  '101 allow out all ::/0',
];
const open = ['out all 0.0.0.0/0', 'out all ::/0'];

/** The records of a sketch. */
export function draw(sketch: Sketch): AccountState {
  const state = new AccountState();
  const transaction = state.begin();
  const put = <T extends object>(table: Table<T>, id: string, record: object): void =>
    transaction.put(table, scope, id, { Tags: {}, ...record } as unknown as T);
  const ipv6 = (block: string) => (sketch.ipv6 ? [{ AssociationId: 'a', CidrBlock: block }] : []);
  put(tables.vpcs, 'vpc-1', {
    VpcId: 'vpc-1',
    CidrBlocks: [{ AssociationId: 'a', CidrBlock: '10.0.0.0/16' }],
    Ipv6CidrBlocks: ipv6('2001:db8:1::/56'),
    EnableDnsSupport: sketch.dns?.support ?? true,
    EnableDnsHostnames: sketch.dns?.hostnames ?? true,
  });
  Object.entries(blocks).forEach(([name, CidrBlock], n) => {
    const SubnetId = `subnet-${name}`;
    put(tables.subnets, SubnetId, {
      SubnetId,
      VpcId: 'vpc-1',
      CidrBlock,
      Ipv6CidrBlocks: ipv6(`2001:db8:1:${n}::/64`),
      AvailabilityZone: `${REGION}${zones[name]}`,
    });
    const entries = sketch.acls?.[name] ?? everything;
    put(tables.networkAcls, `acl-${name}`, {
      NetworkAclId: `acl-${name}`,
      VpcId: 'vpc-1',
      Entries: entries.map(entryOf),
      Associations: [{ NetworkAclAssociationId: 'a', SubnetId }],
    });
  });
  drawRoutes(sketch, put);
  if (sketch.igw !== 'deleted')
    put(tables.internetGateways, 'igw-1', {
      InternetGatewayId: 'igw-1',
      ...(sketch.igw === 'detached' ? {} : { VpcId: 'vpc-1' }),
    });
  if (sketch.eigw)
    put(tables.egressOnlyInternetGateways, 'eigw-1', { EgressOnlyInternetGatewayId: 'eigw-1', VpcId: 'vpc-1' });
  if (sketch.nat) {
    const { in: subnet = 'pub', type = 'public', state: natState = 'available', regional, noAddress } = sketch.nat;
    put(tables.natGateways, 'nat-1', {
      NatGatewayId: 'nat-1',
      VpcId: 'vpc-1',
      ...(regional ? { RouteTableId: 'rtb-nat' } : { SubnetId: `subnet-${subnet}` }),
      ConnectivityType: type,
      AvailabilityMode: regional ? 'regional' : 'zonal',
      State: natState,
      NatGatewayAddresses: noAddress ? [] : [{ PublicIp: '44.0.0.1', PrivateIp: '10.0.0.9' }],
    });
  }
  for (const [name, rules] of Object.entries({ fn: open, ...sketch.groups }))
    put(tables.securityGroups, `sg-${name}`, {
      GroupId: `sg-${name}`,
      GroupName: name,
      VpcId: 'vpc-1',
      Rules: rules.map(ruleOf),
    });
  for (const endpoint of sketch.endpoints ?? []) drawEndpoint(endpoint, put);
  transaction.commit();
  return state;
}

type Put = <T extends object>(table: Table<T>, id: string, record: object) => void;

function drawRoutes(sketch: Sketch, put: Put): void {
  const routes: Record<string, Record<string, string>> = {
    main: {},
    private: {},
    public: { '0.0.0.0/0': 'igw' },
    nat: { '0.0.0.0/0': 'igw' },
    ...sketch.routes,
  };
  const used: Record<string, string> = { fn: 'private', other: 'private', pub: 'public', ...sketch.tables };
  for (const [name, targets] of Object.entries(routes))
    put(tables.routeTables, `rtb-${name}`, {
      RouteTableId: `rtb-${name}`,
      VpcId: 'vpc-1',
      Associations: [
        ...(name === 'main' ? [{ RouteTableAssociationId: 'm', Main: true }] : []),
        ...Object.entries(used).flatMap(([subnet, table]) =>
          table === name ? [{ RouteTableAssociationId: 'a', Main: false, SubnetId: `subnet-${subnet}` }] : [],
        ),
      ],
      Routes: [
        { DestinationCidrBlock: '10.0.0.0/16', GatewayId: 'local', Origin: 'CreateRouteTable' },
        ...(sketch.ipv6
          ? [{ DestinationIpv6CidrBlock: '2001:db8:1::/56', GatewayId: 'local', Origin: 'CreateRouteTable' }]
          : []),
        ...Object.entries(targets).map(([to, target]) => routeOf(to, target)),
      ],
    });
}

function routeOf(to: string, target: string): object {
  const destination = to.startsWith('pl:')
    ? { DestinationPrefixListId: listId(to.slice(3)) }
    : to.includes(':')
      ? { DestinationIpv6CidrBlock: to }
      : { DestinationCidrBlock: to };
  const by: Record<string, object> = {
    igw: { GatewayId: 'igw-1' },
    local: { GatewayId: 'local' },
    nat: { NatGatewayId: 'nat-1' },
    eigw: { EgressOnlyInternetGatewayId: 'eigw-1' },
    eni: { NetworkInterfaceId: 'eni-none' },
  };
  return { ...destination, ...by[target], Origin: 'CreateRoute' };
}

const listId = (service: string): string =>
  awsPrefixLists(REGION).find((list) => list.service === service)!.PrefixListId;

function peerOf(text: string): object {
  if (text.startsWith('sg:')) return { ReferencedGroupId: `sg-${text.slice(3)}` };
  if (text.startsWith('pl:')) return { PrefixListId: listId(text.slice(3)) };
  return text.includes(':') ? { CidrIpv6: text } : { CidrIpv4: text };
}

function portsOf(text: string): [number, number] {
  const [from, to = from] = text.split('-').map(Number);
  return [from!, to!];
}

/** `out tcp 443 0.0.0.0/0` */
export function ruleOf(text: string): object {
  const [direction, protocol, ...rest] = text.split(' ');
  const [ports, peer] = rest.length === 2 ? [portsOf(rest[0]!), rest[1]!] : [[-1, -1], rest[0]!];
  return {
    SecurityGroupRuleId: `sgr-${text}`,
    IsEgress: direction === 'out',
    IpProtocol: protocol === 'all' ? '-1' : protocol,
    FromPort: ports[0],
    ToPort: ports[1],
    Tags: {},
    ...peerOf(peer),
  };
}

/** `100 allow out tcp 443 0.0.0.0/0` */
export function entryOf(text: string): tables.NetworkAclEntryRecord {
  const [number, action, direction, protocol, ...rest] = text.split(' ');
  const block = rest.at(-1)!;
  const [From, To] = rest.length === 2 ? portsOf(rest[0]!) : [0, 65_535];
  return {
    RuleNumber: Number(number),
    RuleAction: action as 'allow',
    Egress: direction === 'out',
    Protocol: { all: '-1', tcp: '6', udp: '17' }[protocol!]!,
    ...(block.includes(':') ? { Ipv6CidrBlock: block } : { CidrBlock: block }),
    ...(protocol === 'all' ? {} : { PortRange: { From, To } }),
  };
}

function drawEndpoint(endpoint: EndpointSketch, put: Put): void {
  const id = `vpce-${endpoint.service}${endpoint.tables ? '-gw' : ''}`;
  const subnets = endpoint.in ?? [];
  put(tables.vpcEndpoints, id, {
    VpcEndpointId: id,
    VpcEndpointType: endpoint.tables ? 'Gateway' : 'Interface',
    VpcId: 'vpc-1',
    ServiceName: `com.amazonaws.${REGION}.${endpoint.service}`,
    State: endpoint.state ?? 'Available',
    PolicyDocument: JSON.stringify(endpoint.policy ?? { Statement: [] }),
    RouteTableIds: (endpoint.tables ?? []).map((name) => `rtb-${name}`),
    SubnetIds: subnets.map((name) => `subnet-${name}`),
    SecurityGroupIds: (endpoint.groups ?? []).map((name) => `sg-${name}`),
    NetworkInterfaceIds: subnets.map((name) => `eni-${id}-${name}`),
    PrivateDnsEnabled: endpoint.dns ?? true,
    ...(endpoint.inboundOnly ? { PrivateDnsOnlyForInboundResolverEndpoint: true } : {}),
  });
  for (const name of subnets)
    put(tables.networkInterfaces, `eni-${id}-${name}`, {
      NetworkInterfaceId: `eni-${id}-${name}`,
      SubnetId: `subnet-${name}`,
      VpcId: 'vpc-1',
      AvailabilityZone: `${REGION}${zones[name]}`,
      PrivateIpAddress: blocks[name]!.replace('.0/24', '.77'),
      Groups: (endpoint.groups ?? []).map((group) => `sg-${group}`),
      InterfaceType: 'vpc_endpoint',
    });
}

/** `internet`, `198.51.100.7:443`, `[2001:db8:9::1]:443`, `s3`, `sqs by vpce-sqs`, `sqs in eu-west-1`, `db` (10.0.2.50:5432 in `other`). */
export function targetOf(text: string): Target {
  if (text === 'internet') return { kind: 'internet', port: 443 };
  if (text.startsWith('db')) {
    const ip = text.split(' ')[1] ?? '10.0.2.50';
    const subnet =
      Object.keys(blocks).find((name) => blocks[name]!.startsWith(ip.split('.').slice(0, 3).join('.'))) ?? 'other';
    return {
      kind: 'vpc',
      vpcId: text.startsWith('db-elsewhere') ? 'vpc-2' : 'vpc-1',
      subnetId: `subnet-${subnet}`,
      ip,
      port: 5432,
      securityGroupIds: ['sg-db'],
    };
  }
  const address = /^\[?([0-9a-f.:]+)\]?:(\d+)$/.exec(text);
  if (address && parseAddress(address[1]!))
    return { kind: 'internet', ip: address[1]!, port: Number(address[2]), byAddress: true };
  const [service, how, what] = text.split(' ');
  return {
    kind: 'aws-service',
    service: service!,
    port: 443,
    ...(how === 'in' ? { region: what! } : {}),
    ...(how === 'by' ? { endpointId: what! } : {}),
  };
}

export function originOf({ subnet = 'fn', groups = ['fn'], dual = false }: From = {}): Origin {
  return {
    ...scope,
    subnetId: `subnet-${subnet}`,
    securityGroupIds: groups.map((name) => `sg-${name}`),
    ipv6AllowedForDualStack: dual,
  };
}

export function ask(state: AccountState, from: From, to: string): Reach {
  return reach(state, originOf(from), targetOf(to));
}
