import { RequestContext } from './conditions.ts';
import type { LayerKind } from './explain.ts';
import { allowedSentence, deniedSentence, deniedSuffix, implicitSentence, implicitSuffix } from './explain.ts';
import type { Layer, Question } from './layer.ts';
import { askPolicies } from './layer.ts';
import type { AccessRequest, DecidedBy, Decision, EndpointPolicy, NamedPolicy, Principal } from './types.ts';

/**
 * Decides one request by AWS's evaluation logic. Pure and synchronous; documents are compiled once per object.
 * Throws `PolicyShapeError` on a document that `parsePolicy` would have refused.
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export function evaluate(request: AccessRequest): Decision {
  return new Evaluation(request).decide();
}

class Evaluation {
  readonly #request: AccessRequest;
  readonly #question: Question;
  readonly #identity: Layer;
  readonly #resource: Layer;
  readonly #boundary: Layer | undefined;
  readonly #session: Layer | undefined;
  readonly #endpoint: Layer | undefined;
  readonly #scps: Layer[];
  readonly #rcps: Layer[];

  constructor(request: AccessRequest) {
    const { principal, policies } = request;
    this.#request = request;
    this.#question = {
      caller: principal,
      action: request.action.toLowerCase(),
      resource: request.resource,
      context: new RequestContext(request.context),
      absent: new Set(),
      bounded: policies.boundary !== undefined,
    };
    const identified = hasIdentity(principal);
    this.#identity = this.#ask(identified ? policies.identity : [], false);
    this.#resource = this.#ask(policies.resource ?? [], true);
    this.#boundary = identified && policies.boundary ? this.#ask([policies.boundary], false) : undefined;
    this.#session = identified && policies.session?.length ? this.#ask(policies.session, false) : undefined;
    this.#endpoint = policies.endpoint ? this.#askEndpoint(policies.endpoint) : undefined;
    // "SCPs affect only IAM users and roles that are managed by accounts that are part of the organization", root too.
    this.#scps = identified ? (policies.scps ?? []).map((level) => this.#ask(level, false)) : [];
    this.#rcps = (policies.rcps ?? []).map((level) => this.#ask(level, true));
  }

  #ask(policies: readonly NamedPolicy[], byPrincipal: boolean): Layer {
    return askPolicies(policies, byPrincipal, this.#question);
  }

  /**
   * "With gateway endpoints, the Principal element must be set to *." An account there is "the AWS account root user
   * only, not all users and roles": whoever else calls has no name that such a policy knows.
   * Source: https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
   */
  #askEndpoint(policy: EndpointPolicy): Layer {
    const nameless = policy.gateway && this.#question.caller.type !== 'root';
    return askPolicies([policy], true, nameless ? { ...this.#question, caller: NAMELESS } : this.#question);
  }

  decide(): Decision {
    return this.#explicitDeny() ?? this.#limits() ?? this.#grants();
  }

  /** "An explicit deny in any policy overrides any allows." */
  #explicitDeny(): Decision | undefined {
    const layers: [LayerKind, readonly (Layer | undefined)[]][] = [
      ['scp', this.#scps],
      ['rcp', this.#rcps],
      ['endpoint', [this.#endpoint]],
      ['resource', [this.#resource]],
      ['identity', [this.#identity]],
      ['boundary', [this.#boundary]],
      ['session', [this.#session]],
    ];
    let kind: LayerKind | undefined;
    const by: DecidedBy[] = [];
    for (const [name, list] of layers) {
      for (const layer of list) {
        if (!layer || layer.denies.length === 0) continue;
        kind ??= name;
        by.push(...layer.denies);
      }
    }
    if (!kind) return undefined;
    return this.#decision('explicitDeny', deniedSentence(this.#request, by[0]!), deniedSuffix(kind, this.#request), by);
  }

  /** Layers that grant nothing but must each allow, whoever calls. */
  #limits(): Decision | undefined {
    for (const level of this.#scps) if (!level.allows.direct) return this.#implicit('scp', level);
    for (const level of this.#rcps) if (!anyAllow(level)) return this.#implicit('rcp', level);
    if (this.#endpoint && !anyAllow(this.#endpoint)) return this.#implicit('endpoint', this.#endpoint);
    return undefined;
  }

  #grants(): Decision {
    const { principal, resourceAccount, resourcePolicyMustAllow } = this.#request;
    const { allows } = this.#resource;
    if (!hasIdentity(principal)) {
      return allows.direct ? this.#allowed([allows.direct]) : this.#implicit('resource', this.#resource);
    }
    if (principal.account !== resourceAccount) {
      // "The request is allowed only if both evaluations return a decision of Allow."
      const theirs = allows.direct ?? allows.role ?? allows.account;
      const refusal = this.#ownRefusal();
      if (refusal) return refusal;
      return theirs ? this.#allowed([...this.#ownGrants(), theirs]) : this.#implicit('resource', this.#resource);
    }
    // A grant to the user, the session or everyone "is not limited by an implicit deny" of the caller's own policies.
    if (allows.direct && !this.#narrowedUser()) return this.#allowed([allows.direct]);
    const granted = allows.direct ?? allows.role;
    if (granted && !this.#narrowedAway()) return this.#allowed([granted, ...this.#narrowingGrants()]);
    if (resourcePolicyMustAllow && !granted && !allows.account) return this.#implicit('resource', this.#resource);
    const delegated = resourcePolicyMustAllow && allows.account ? [allows.account] : [];
    // A grant to the role that the boundary or session policy takes away is refused with their name.
    if (granted) return this.#narrowedAway()!;
    return this.#ownRefusal() ?? this.#allowed([...this.#ownGrants(), ...delegated]);
  }

  /** A user's credentials with a session policy (GetFederationToken): grants to the user are limited by it. */
  #narrowedUser(): boolean {
    return this.#request.principal.type === 'user' && this.#session !== undefined;
  }

  /** The refusal of the caller's own side, if it refuses: identity, boundary and session policy must all allow. */
  #ownRefusal(): Decision | undefined {
    const { type } = this.#request.principal;
    if (type === 'root') return undefined;
    if (!this.#identity.allows.direct) return this.#implicit('identity', this.#identity);
    // "If there is no session policy, the code checks whether the principal is a role session … Otherwise … Deny."
    if (type === 'federated' && !this.#session) return this.#implicit('session', NOTHING);
    return this.#narrowedAway();
  }

  #narrowedAway(): Decision | undefined {
    if (this.#boundary && !this.#boundary.allows.direct) return this.#implicit('boundary', this.#boundary);
    if (this.#session && !this.#session.allows.direct) return this.#implicit('session', this.#session);
    return undefined;
  }

  #ownGrants(): DecidedBy[] {
    return [this.#identity.allows.direct, ...this.#narrowingGrants()].filter((by) => by !== undefined);
  }

  #narrowingGrants(): DecidedBy[] {
    return [this.#boundary?.allows.direct, this.#session?.allows.direct].filter((by) => by !== undefined);
  }

  #allowed(by: DecidedBy[]): Decision {
    return this.#decision('allowed', allowedSentence(this.#request, by), '', by);
  }

  #implicit(kind: LayerKind, { nearMiss }: Layer): Decision {
    const because = implicitSentence(this.#request, { kind, nearMiss });
    return this.#decision('implicitDeny', because, implicitSuffix(kind, this.#request), []);
  }

  #decision(decision: Decision['decision'], because: string, reason: string, by: DecidedBy[]): Decision {
    return { decision, because, reason, by, absentKeys: [...this.#question.absent] };
  }
}

const NOTHING: Layer = { denies: [], allows: {}, nearMiss: undefined };
const NAMELESS: Principal = { type: 'anonymous', account: '', arn: '*' };

/** Services, anonymous callers and identity providers have no identity policies: only the resource can allow them. */
function hasIdentity({ type, arn }: Principal): boolean {
  if (type === 'federated') return arn.includes(':federated-user/');
  return type === 'root' || type === 'user' || type === 'role';
}

function anyAllow({ allows }: Layer): boolean {
  return (allows.direct ?? allows.role ?? allows.account) !== undefined;
}
