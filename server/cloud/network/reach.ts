import type { StateReader } from '../state/account-state.ts';
import { UNKNOWN_HOST } from './aws-addresses.ts';
import { reachService } from './aws-service.ts';
import { isPrivate, parseAddress } from './cidr.ts';
import { type FunctionInterface, functionInterface } from './interface.ts';
import { reachLocal } from './local.ts';
import { reachPublic } from './public.ts';
import type { Origin, Reach, Target, Unreachable } from './types.ts';

/**
 * Can a connection from this function's interface reach the target, by which path, and if not: which rule stops it?
 * Pure: it reads records and decides. `from` undefined is a function outside any VPC, which has the internet and no VPC.
 * Sources: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc-internet.html,
 * https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html
 */
export function reach(state: StateReader, from: Origin | undefined, to: Target): Reach {
  if (!from) return reachFromNowhere(to);
  const own = functionInterface(state, from);
  if ('reachable' in own) return own;
  if (!to.byAddress) {
    const nameless = namesFail(own);
    if (nameless) return nameless;
  }
  if (to.kind === 'aws-service') return reachService(own, to);
  if (to.kind === 'internet') return reachInternet(own, to);
  const address = parseAddress(to.ip);
  const sameVpc =
    to.vpcId === own.vpc.VpcId &&
    (to.account ?? from.account) === from.account &&
    (to.region ?? from.region) === from.region;
  if (!sameVpc || !address) {
    // differs from AWS: there is no VPC peering and no transit gateway here
    return stopped(
      `${to.ip} is in VPC ${to.vpcId}, which VPC ${own.vpc.VpcId} of the function is not connected with`,
      to.vpcId,
    );
  }
  return reachLocal(own, { ...to, address, name: to.ip });
}

/** Does the VPC's DNS answer at all? A function in a VPC has no other. */
export function namesResolve(state: StateReader, from: Origin | undefined): boolean {
  if (!from) return true;
  const own = functionInterface(state, from);
  return 'reachable' in own || !namesFail(own);
}

function namesFail({ vpc }: FunctionInterface): Unreachable | undefined {
  if (vpc.EnableDnsSupport) return undefined;
  const because = `VPC ${vpc.VpcId} has enableDnsSupport off, so that no name resolves in it`;
  return { reachable: false, because, rule: { kind: 'dns', id: vpc.VpcId }, symptom: 'unreachable' };
}

function reachInternet(own: FunctionInterface, to: Extract<Target, { kind: 'internet' }>): Reach {
  const known = to.ip === undefined ? undefined : parseAddress(to.ip);
  if (known) return reachPublic(own, known, to.port);
  const first = reachPublic(own, UNKNOWN_HOST[4], to.port);
  if (first.reachable || !own.ipv6) return first;
  const second = reachPublic(own, UNKNOWN_HOST[6], to.port);
  return second.reachable ? second : { ...first, because: `${first.because}; over IPv6, ${second.because}` };
}

function reachFromNowhere(to: Target): Reach {
  const direct: Reach = { reachable: true, via: 'internet', path: ['the function is in no VPC and has the internet'] };
  if (to.kind === 'vpc')
    return stopped(`the function is in no VPC, so that ${to.ip} in VPC ${to.vpcId} is out of its reach`, to.vpcId);
  if (to.kind === 'aws-service') {
    if (to.endpointId === undefined) return direct;
    return stopped(
      `the function is in no VPC, so that the addresses of VPC endpoint ${to.endpointId} are out of its reach`,
      to.endpointId,
    );
  }
  const address = to.ip === undefined ? undefined : parseAddress(to.ip);
  if (address && isPrivate(address)) return stopped(`${to.ip} is a private address, and the function is in no VPC`, '');
  return direct;
}

function stopped(because: string, id: string): Unreachable {
  return { reachable: false, because, rule: { kind: 'vpc', id }, symptom: 'timeout' };
}
