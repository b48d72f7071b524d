/**
 * The words of the policy engine: what a caller hands to `evaluate` and what comes back.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */

/** The values of one condition key, or of Action, Resource …: one or many. */
export type OneOrMany<T> = T | T[];

/** `{ "AWS": […], "Service": […], "Federated": […], "CanonicalUser": […] }`, or `"*"`. */
export type PrincipalElement = '*' | Record<string, OneOrMany<string>>;

/** operator → key → values; values may be written as string, number or boolean. */
export type ConditionBlock = Record<string, Record<string, OneOrMany<string | number | boolean>>>;

/** One statement, as written by the user. */
export interface Statement {
  Sid?: string;
  Effect: 'Allow' | 'Deny';
  Principal?: PrincipalElement;
  NotPrincipal?: PrincipalElement;
  Action?: OneOrMany<string>;
  NotAction?: OneOrMany<string>;
  Resource?: OneOrMany<string>;
  NotResource?: OneOrMany<string>;
  Condition?: ConditionBlock;
}

/** A policy as written by the user: parsed JSON. Treat it as immutable: compiled forms are cached per object. */
export interface PolicyDocument {
  Version?: string;
  Id?: string;
  Statement: OneOrMany<Statement>;
}

/** A policy document with the name under which verdicts cite it. */
export interface NamedPolicy {
  /** e.g. `inline policy "s3-access" of role thumbnailer-role` */
  name: string;
  document: PolicyDocument;
}

/** The policy of a VPC endpoint. */
export interface EndpointPolicy extends NamedPolicy {
  /** Of a gateway endpoint: an account in `Principal` is its root user alone, and other names are nobody. */
  gateway?: true;
}

/** Who calls. */
export interface Principal {
  /** `role` is an assumed-role session. */
  type: 'root' | 'user' | 'role' | 'service' | 'federated' | 'anonymous';
  /** 12 digits; '' for service and anonymous. */
  account: string;
  /**
   * `arn:aws:iam::…:user/x`, `arn:aws:sts::…:assumed-role/role/session`, `arn:aws:iam::…:root`,
   * for a service `sns.amazonaws.com`, for anonymous `*`, for federated the provider's ARN or domain.
   */
  arn: string;
  /** For sessions: `arn:aws:iam::…:role/path/role`. */
  roleArn?: string;
  /** For services: `sns.amazonaws.com`; for a session of a service the service that assumed the role, if wanted. */
  service?: string;
}

/** The policies that apply to a request. An absent layer (`undefined`) does not limit; an empty `scps` level does. */
export interface RequestPolicies {
  identity: NamedPolicy[];
  boundary?: NamedPolicy;
  /** Session policies passed to AssumeRole; with one or more, one of them must allow. */
  session?: NamedPolicy[];
  resource?: NamedPolicy[];
  /** One list per level (root, OU …, account); every level must allow. */
  scps?: NamedPolicy[][];
  /** As `scps`, for the resource's account. */
  rcps?: NamedPolicy[][];
  /** The policy of the VPC endpoint that the request came through. */
  endpoint?: EndpointPolicy;
}

/** One question: may this principal do this action on this resource? */
export interface AccessRequest {
  principal: Principal;
  /** `s3:GetObject` */
  action: string;
  /** An ARN, or `*` for actions without resource. */
  resource: string;
  /** The account that owns the resource: 12 digits. */
  resourceAccount: string;
  /**
   * Condition keys; names are case-insensitive; numbers, booleans and dates are written as strings. A list marks a
   * multivalued key (`ArrayOf…` in AWS's reference, as `aws:TagKeys`, `lambda:SubnetIds`), even with one value: such a
   * key is matched only by `ForAllValues:` and `ForAnyValue:` and is no policy variable. All others are plain texts.
   */
  context: Record<string, string | string[]>;
  policies: RequestPolicies;
  /** Role trust policies and KMS key policies must allow explicitly: an identity policy alone is not enough. */
  resourcePolicyMustAllow?: boolean;
}

/** A statement that decided: `Sid`, or `#0` for the first statement without one. */
export interface DecidedBy {
  policy: string;
  statement: string;
}

/** The verdict. */
export interface Decision {
  decision: 'allowed' | 'implicitDeny' | 'explicitDeny';
  /** One sentence in plain words that names the policy and the statement. */
  because: string;
  /**
   * The end of AWS's message: `no identity-based policy allows the s3:GetObject action` (after `because`), or
   * `with an explicit deny in an identity-based policy`. Empty when allowed.
   */
  reason: string;
  by: DecidedBy[];
  /** Condition keys that statements asked for and the context lacked. */
  absentKeys: string[];
}

/** What a policy document is for: decides which elements it may or must have. */
export type PolicyKind = 'identity' | 'resource' | 'trust' | 'endpoint' | 'scp';

/** One fault found in a policy text. */
export interface PolicyProblem {
  /** AWS's wording of MalformedPolicyDocument where AWS has one: the text of the API's error. */
  message: string;
  /** What precisely is wrong, for an editor: AWS's wording often says no more than "Syntax errors in policy." */
  detail?: string;
  /** 1-based. */
  line?: number;
  /** 1-based. */
  column?: number;
  /** `Statement[0].Action`, '' for the document. */
  path: string;
}

/** The answer of `parsePolicy`; `document` is absent when there is any problem. */
export interface ParsedPolicy {
  document: PolicyDocument | undefined;
  problems: PolicyProblem[];
}
