import type { EndpointPolicy } from '../policy/types.ts';

/**
 * Where a connection starts: a function's network interface. Lambda never gives it a public address.
 * `undefined` instead of it stands for a function outside any VPC.
 */
export interface Origin {
  account: string;
  region: string;
  subnetId: string;
  securityGroupIds: readonly string[];
  /** `VpcConfig.Ipv6AllowedForDualStack`: the interface has an IPv6 address too, where its subnet has a range. */
  ipv6AllowedForDualStack?: boolean;
}

/** Where a connection wants to go. `byAddress`: the client used no name, so DNS has no say. */
export type Target = { byAddress?: boolean } & (
  | {
      kind: 'internet';
      /** IPv4 or IPv6. Absent: some public host that has both; a rule must admit `UNKNOWN_HOST` of it. */
      ip?: string;
      port: number;
    }
  | {
      kind: 'vpc';
      account?: string;
      region?: string;
      vpcId: string;
      subnetId: string;
      ip: string;
      port: number;
      securityGroupIds: readonly string[];
    }
  | {
      kind: 'aws-service';
      /** The last part of the endpoint service's name, which is also the host's label: `s3`, `secretsmanager`, `execute-api`. */
      service: string;
      port: number;
      /** The service's region, where it is not the origin's: endpoints serve their own region only. */
      region?: string;
      /** Set when the client used the endpoint's own name, `vpce-….sqs.us-east-1.vpce.amazonaws.com`. */
      endpointId?: string;
    }
);

/** What carried a connection out of the interface. */
export type Via =
  | 'internet'
  | 'nat'
  | 'regional-nat'
  | 'egress-only'
  | 'gateway-endpoint'
  | 'interface-endpoint'
  | 'local'
  | 'peering';

/** The rule that stopped a connection: what a page may link to. */
export interface StoppingRule {
  kind: 'vpc' | 'subnet' | 'route' | 'internet-gateway' | 'nat' | 'security-group' | 'network-acl' | 'dns' | 'endpoint';
  /** The resource's id: `rtb-…`, `sg-…`; '' where none is there. */
  id: string;
}

export interface Reachable {
  reachable: true;
  via: Via;
  /** The endpoint that the connection passed. */
  endpointId?: string;
  /** The VPC that it came from, when it passed an endpoint (`aws:SourceVpc`). */
  vpcId?: string;
  endpointPolicy?: EndpointPolicy;
  /** The address that the service or host sees: the NAT gateway's, or the interface's own. */
  sourceIp?: string;
  /** Human steps, each naming a resource. */
  path: string[];
}

export interface Unreachable {
  reachable: false;
  /** One sentence that names the resource and the rule. */
  because: string;
  rule: StoppingRule;
  /** What the client sees: VPCs drop in silence (`timeout`); `unreachable` when the name does not resolve at all. */
  symptom: 'timeout' | 'refused' | 'unreachable';
}

export type Reach = Reachable | Unreachable;
