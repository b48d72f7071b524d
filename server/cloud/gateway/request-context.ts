import type { OrganizationMembership } from '../accounts.ts';
import type { Cloud } from '../cloud.ts';
import type { Access, Caller, CallSource, ConditionContext } from '../context.ts';
import type { Principal } from '../policy/types.ts';
import type { StateReader } from '../state/account-state.ts';
import { membershipOf } from './organization.ts';

/** One question with all that its condition keys come from. */
export interface Asked {
  caller: Caller;
  access: Access;
  resourceAccount: string;
  region: string;
  /** The principal's own tags. */
  tags?: Record<string, string> | undefined;
}

/**
 * The condition keys of a request: AWS's global ones, each on the calls where AWS has it, and those that the credentials
 * and the operation bring. Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 */
export function requestContext(cloud: Cloud, state: StateReader, asked: Asked): ConditionContext {
  const { caller, access, resourceAccount, region, tags } = asked;
  const { principal, source } = caller;
  const now = cloud.clock.now();
  const context: ConditionContext = {
    'aws:CurrentTime': new Date(now).toISOString(),
    'aws:EpochTime': String(Math.floor(now / 1000)),
    'aws:SecureTransport': String(source.secure ?? true),
    'aws:RequestedRegion': isGlobal(access.action) ? 'us-east-1' : region,
    'aws:ViaAWSService': String((source.via?.length ?? 0) > 0),
  };
  addPrincipal(context, state, caller, region, tags);
  addNetwork(context, state, principal, source, access.action);
  if (resourceAccount && !withoutResourceAccount.has(access.action)) {
    context['aws:ResourceAccount'] = resourceAccount;
    addPlace(context, 'Resource', membershipOf(state, resourceAccount));
  }
  Object.assign(context, caller.context, access.context);
  return context;
}

/** "IAM calls are always made to the us-east-1 Region"; roles are passed to a service, where that service is. */
function isGlobal(action: string): boolean {
  return action.startsWith('iam:') && action !== 'iam:PassRole';
}

/** Actions that AWS's page lists as without `aws:ResourceAccount`, `aws:ResourceOrgID` and `aws:ResourceOrgPaths`. */
const withoutResourceAccount = new Set([
  'ec2:AcceptVpcEndpointConnections',
  'ec2:AcceptVpcPeeringConnection',
  'ec2:CreateVpcEndpoint',
  'ec2:CreateVpcPeeringConnection',
]);

function addPrincipal(
  context: ConditionContext,
  state: StateReader,
  { principal, context: own }: Caller,
  region: string,
  tags: Record<string, string> | undefined,
): void {
  if (principal.type === 'anonymous') {
    context['aws:PrincipalType'] = 'Anonymous';
    context['aws:PrincipalAccount'] = 'anonymous';
    context['aws:userid'] = 'anonymous';
    return;
  }
  context['aws:PrincipalIsAWSService'] = String(principal.type === 'service');
  if (principal.type === 'service') {
    context['aws:PrincipalType'] = 'Service';
    context['aws:PrincipalServiceName'] = principal.arn;
    context['aws:PrincipalServiceNamesList'] = serviceNames(principal, region);
    addPlace(context, 'Source', membershipOf(state, sourceAccount(own)));
    return;
  }
  context['aws:PrincipalType'] = principalTypes[principal.type];
  context['aws:PrincipalArn'] =
    principal.type === 'federated' ? principal.arn : (principal.roleArn ?? roleOfSession(principal));
  context['aws:PrincipalAccount'] = principal.account;
  for (const name in tags) context[`aws:PrincipalTag/${name}`] = tags[name]!;
  addPlace(context, 'Principal', membershipOf(state, principal.account));
}

const principalTypes = { root: 'Account', user: 'User', role: 'AssumedRole', federated: 'FederatedUser' };

/** A session whose role is gone still has the role's ARN; its path is not known any more. */
function roleOfSession({ type, arn, account }: Principal): string {
  return type === 'role' ? `arn:aws:iam::${account}:role/${arn.split('/')[1]}` : arn;
}

/** The service's names, everywhere and in this region. */
function serviceNames({ arn, service }: Principal, region: string): string[] {
  const plain = service ?? arn;
  const regional = plain.endsWith(`.${region}.amazonaws.com`)
    ? plain
    : plain.replace(/\.amazonaws\.com$/, `.${region}.amazonaws.com`);
  return [...new Set([arn, plain, regional])];
}

/** The account of the resource for which a service calls. */
function sourceAccount(own: ConditionContext): string {
  const account = own['aws:SourceAccount'];
  if (typeof account === 'string') return account;
  const arn = own['aws:SourceArn'];
  return typeof arn === 'string' ? (arn.split(':')[4] ?? '') : '';
}

function addPlace(
  context: ConditionContext,
  whose: 'Principal' | 'Resource' | 'Source' | 'Vpce',
  membership: OrganizationMembership | undefined,
): void {
  if (!membership) return;
  context[`aws:${whose}OrgID`] = membership.id;
  context[`aws:${whose}OrgPaths`] = [membership.path];
}

/** Services of the cloud that know the younger keys of a VPC endpoint. */
const knowVpcArn = new Set(['iam', 'kms', 'lambda', 's3']);
const knowVpceAccount = new Set([...knowVpcArn, 'dynamodb']);
const knowVpceOrg = new Set([...knowVpceAccount, 'sqs']);

function addNetwork(
  context: ConditionContext,
  state: StateReader,
  principal: Principal,
  source: CallSource,
  action: string,
): void {
  if (source.userAgent) context['aws:UserAgent'] = source.userAgent;
  if (source.referer) context['aws:referer'] = source.referer;
  if (source.functionArn) context['lambda:SourceFunctionArn'] = source.functionArn;
  if (source.via?.length) {
    context['aws:CalledVia'] = source.via;
    context['aws:CalledViaFirst'] = source.via[0]!;
    context['aws:CalledViaLast'] = source.via.at(-1)!;
  }
  if (!source.vpceId) {
    if (!source.hidden && principal.type !== 'service') context['aws:SourceIp'] = source.ip;
    return;
  }
  context['aws:SourceVpce'] = source.vpceId;
  context['aws:VpcSourceIp'] = source.ip;
  if (source.vpcId) context['aws:SourceVpc'] = source.vpcId;
  const owner = source.vpceAccount;
  const service = action.slice(0, action.indexOf(':'));
  if (!owner || action === 'iam:PassRole') return;
  if (source.vpcId && knowVpcArn.has(service))
    context['aws:SourceVpcArn'] = `arn:aws:ec2:${context['aws:RequestedRegion']}:${owner}:vpc/${source.vpcId}`;
  if (knowVpceAccount.has(service)) context['aws:VpceAccount'] = owner;
  if (!knowVpceOrg.has(service)) return;
  const place = membershipOf(state, owner);
  if (place) context['aws:VpceOrgID'] = place.id;
  if (place && service !== 'sqs') context['aws:VpceOrgPaths'] = [place.path];
}
