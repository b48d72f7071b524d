import type { Cloud } from './cloud.ts';
import type { AwsError } from './errors.ts';
import type { EndpointPolicy, NamedPolicy, Principal } from './policy/types.ts';
import type { Transaction } from './state/account-state.ts';
import type { Scope } from './state/table.ts';

/** Values of condition keys; numbers, booleans and dates are written as strings. */
export type ConditionContext = Record<string, string | string[]>;

/** Where a call comes from, as far as policies can ask. */
export interface CallSource {
  ip: string;
  userAgent?: string;
  referer?: string;
  secure?: boolean;
  /** Set for calls from inside a VPC that came through an endpoint. */
  vpcId?: string;
  vpceId?: string;
  /** The account that owns the endpoint. */
  vpceAccount?: string;
  /** What a service does for a caller who came through an endpoint: policies see neither the endpoint nor an address. */
  hidden?: boolean;
  endpointPolicy?: EndpointPolicy;
  /** The function whose code makes the call: `lambda:SourceFunctionArn`. */
  functionArn?: string;
  /** Services that the call passed through on the caller's behalf, first one first: `aws:CalledVia`. */
  via?: string[];
  /** The functions that the call came through; absent for calls that no function caused. */
  hops?: Hops;
}

/**
 * How often each function (by its ARN) was invoked on the way to a call, a push or a message. It goes along through
 * Lambda, S3, SNS, SQS and the other services, so that Lambda can end loops. Never shown to anybody.
 */
export type Hops = Readonly<Record<string, number>>;

/** Who calls: an authenticated principal, a service, or nobody in particular. */
export interface Caller {
  principal: Principal;
  accessKeyId?: string;
  /** Who of the range it is, behind whichever principal; policies know nothing of it. */
  person?: string;
  sessionPolicies?: NamedPolicy[];
  /** Session tags that go on to every role assumed from here. */
  transitiveTagKeys?: readonly string[];
  /** Keys that come with the credentials or, for services, with the event: `aws:username`, `aws:SourceArn` … */
  context: ConditionContext;
  source: CallSource;
}

/** One question to the policies, asked before an operation runs (or, in `ctx.authorize`, in the middle of it). */
export interface Access {
  /** `s3:GetObject` */
  action: string;
  /** An ARN, or `*` where the action has no resource type. */
  resource: string;
  /** The account that owns the resource; default: the caller's. */
  resourceAccount?: string;
  /** Keys of the request and of the resource: `s3:prefix`, `aws:ResourceTag/…`, `iam:PassedToService` … */
  context?: ConditionContext;
  /** The resource's own policies, if it has any. */
  resourcePolicy?: NamedPolicy[];
  /** Trust policies and KMS key policies must allow explicitly. */
  resourcePolicyMustAllow?: boolean;
}

/** What an operation is given. `account` and `region` are the request's: the caller's account, the signed region. */
export interface CallContext extends Scope {
  readonly cloud: Cloud;
  readonly state: Transaction;
  readonly caller: Caller;
  readonly requestId: string;
  /** The cloud's clock, milliseconds since the epoch. */
  readonly now: number;
  /** Asks the policies; throws AWS's access-denied error of this service. */
  authorize(access: Access): void;
  /** As `authorize`, but answers instead of throwing. */
  allows(access: Access): boolean;
  /** Calls another operation as this caller, `via` the service of this one (KMS for a secret, say). */
  call<O>(service: string, operation: string, input: object): Promise<O>;
  /** For restJson and restXml: what the schemas do not bind. Absent for calls inside the process. */
  readonly http?: { method: string; url: string; headers: Readonly<Record<string, string>>; body: Buffer };
}

/** An AWS operation: what it asks of the policies, and what it does. Types come from the SDK's command types. */
export interface Operation<I = never, O = unknown> {
  /** Asked before `run`. An empty array only where AWS itself asks nothing (GetCallerIdentity). */
  access(ctx: CallContext, input: I): Access | Access[];
  run(ctx: CallContext, input: I): O | Promise<O>;
}

/** Drops what clients add to an SDK output type. */
export type Output<T> = Omit<T, '$metadata'>;

/** Only for the types: an operation whose input and output are the SDK's. */
export function operation<I, O>(definition: Operation<I, Output<O>>): Operation<I, Output<O>> {
  return definition;
}

/** A request that is not an AWS API call but reaches a service's own host (function URL, HTTP API). */
export interface EndpointRequest {
  method: string;
  /** Origin form: path and query. */
  url: string;
  host: string;
  headers: Record<string, string>;
  /** The headers as they were sent, name by name, where somebody kept them. */
  rawHeaders?: readonly (readonly [name: string, value: string])[];
  body: Buffer;
  sourceIp: string;
}

export interface EndpointResponse {
  status: number;
  headers: Record<string, string | string[]>;
  body: Buffer;
}

/** A service of the embedded cloud: operations by AWS's names, and what it does in the background. */
export interface Service {
  /** Folder, registry key and IAM prefix: `iam`, `s3`, `secretsmanager` … */
  readonly id: string;
  // biome-ignore lint/suspicious/noExplicitAny: operations differ in their inputs; each is typed where it is written
  readonly operations: Record<string, Operation<any, any>>;
  /**
   * What is kept and given back, and has no effect here: by operation or `Operation.Member`, each with what does not
   * happen. docs/operations.md tells it.
   */
  readonly stored?: Readonly<Record<string, string>>;
  /** Starts whatever is due now (pollers, deliveries, rotations) with `cloud.track`; called after every commit. */
  background?(cloud: Cloud): void;
  /** When `background` has something to do next, on the cloud's clock in milliseconds. */
  nextDue?(cloud: Cloud): number | undefined;
  /** Drops what a fork must not take over: work that is promised and not yet done. */
  forget?(state: Transaction): void;
  /**
   * Hosts that the service itself answers (`…lambda-url…`, `…execute-api…`): undefined when `host` is not one.
   * `refused`: the request is signed, and the signature is not good; the caller is then nobody in particular.
   */
  endpoint?(
    cloud: Cloud,
    request: EndpointRequest,
    caller: Caller | undefined,
    refused?: AwsError,
  ): Promise<EndpointResponse> | undefined;
}
