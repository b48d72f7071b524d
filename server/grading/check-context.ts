import { createHash } from 'node:crypto';
import type { LabFacts, Outcome } from '../catalogue/definition.ts';
import type { AccountRecord } from '../cloud/accounts.ts';
import type { MovableClock } from '../cloud/clock.ts';
import type { Cloud } from '../cloud/cloud.ts';
import type { Caller, CallSource, EndpointResponse } from '../cloud/context.ts';
import { AwsError } from '../cloud/errors.ts';
import { handle } from '../cloud/gateway/handle.ts';
import type { Random } from '../cloud/random.ts';
import { iamScope, users } from '../cloud/services/iam/tables.ts';
import { type Actor, type Credentials, callerOf, createActor, roleActor, rootActor } from './actor.ts';
import type { EvidenceStep } from './types.ts';

/**
 * Where attackers' and customers' calls come from in checks: an address of the internet that nobody knows before, so that
 * no policy or code can tell the grader from others. Of the seed alone: the same in every check of a grade.
 */
function somewhere(gradeSeed: string): CallSource {
  const bytes = createHash('sha256').update(`address ${gradeSeed}`).digest();
  const [a, b, c, d] = [...bytes].map((byte) => 1 + (byte % 254)) as [number, number, number, number];
  // 60 to 99: allocated to networks of the internet throughout.
  return { ip: `${60 + (a % 40)}.${b}.${c}.${d}`, userAgent: 'aws-sdk-js/3', secure: true };
}

/** What a check or an exploit works with: a fork of the account, actors, and a place for evidence. */
export class CheckContext {
  readonly cloud: Cloud;
  readonly region: string;
  readonly outputs: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
  /** Of the grade's seed: fresh canaries and payloads. */
  readonly random: Random;
  /** The same in every check of a grade, for what `restore` and an attack must agree on. */
  readonly gradeId: string;
  readonly evidence: EvidenceStep[] = [];
  /** Where attackers and customers call from. */
  readonly outside: CallSource;
  private readonly clock: MovableClock;
  private readonly settleMs: number;

  constructor(options: {
    cloud: Cloud;
    clock: MovableClock;
    facts: LabFacts;
    gradeSeed: string;
    random: Random;
    settleMs?: number;
  }) {
    this.cloud = options.cloud;
    this.clock = options.clock;
    this.region = options.cloud.region;
    this.outputs = options.facts.outputs;
    this.secrets = options.facts.secrets;
    this.random = options.random;
    this.gradeId = createHash('sha256').update(options.gradeSeed).digest('hex').slice(0, 16);
    this.outside = somewhere(options.gradeSeed);
    this.settleMs = options.settleMs ?? 20_000;
  }

  account(kind: AccountRecord['kind'] = 'own'): AccountRecord {
    return this.cloud.account(kind);
  }

  /** Root of an account, for looking and preparing; its calls are no evidence. */
  admin(kind: AccountRecord['kind'] = 'own'): Actor {
    return rootActor(
      { name: `administrator of the ${kind} account`, cloud: this.cloud, region: this.region, source: this.outside },
      this.account(kind).id,
    );
  }

  /** Root of an account as somebody who attacks or uses the application: its calls are evidence. */
  owner(kind: AccountRecord['kind']): Actor {
    return rootActor({ ...this.actor(`the ${kind}'s account`), evidence: this.evidence }, this.account(kind).id);
  }

  /** Whoever holds these credentials (stolen ones, say). */
  holder(name: string, credentials: Credentials): Actor {
    return createActor({ ...this.actor(name), credentials });
  }

  /** A role's session from outside AWS. */
  role(roleName: string, kind: AccountRecord['kind'] = 'own'): Actor {
    return roleActor(this.actor(roleName), this.account(kind).id, roleName, 'check');
  }

  /** An IAM user as somebody who has their keys. @throws Error named NoSuchEntity when the user is gone */
  user(userName: string, kind: AccountRecord['kind'] = 'own'): Actor {
    const account = this.account(kind).id;
    const user = this.cloud.state.get(users, { account, region: '' }, userName);
    if (!user) throw new MissingPrincipal(`the user ${userName} no longer exists`);
    const credentials = this.cloud.issueSession({ account, userName, sessionName: userName, principalId: user.userId });
    return createActor({
      ...this.actor(userName),
      credentials,
      caller: callerOf(this.cloud, credentials, this.outside),
    });
  }

  /** Code that runs in a function: its role's session, with `lambda:SourceFunctionArn`. */
  code(functionArn: string, roleArn: string): Actor {
    const name = functionArn.split(':').slice(6, 7)[0] ?? functionArn;
    const roleName = roleArn.slice(roleArn.lastIndexOf('/') + 1);
    return roleActor(
      { ...this.actor(`${roleName} (code of ${name})`), source: { ...this.outside, functionArn } },
      roleArn.split(':')[4]!,
      roleName,
      name,
    );
  }

  /** Root and the intruder of another account, for questions only: no evidence. */
  callersOf(kind: Exclude<AccountRecord['kind'], 'own'>): Caller[] {
    const account = this.account(kind).id;
    const user = this.cloud.state.list(users, iamScope(account))[0]?.value;
    const sessions = [
      { account, sessionName: 'outsider', principalId: account },
      ...(user ? [{ account, userName: user.userName, sessionName: user.userName, principalId: user.userId }] : []),
    ];
    return sessions.map((session) => callerOf(this.cloud, this.cloud.issueSession(session), this.outside));
  }

  /** Somebody without any credentials. */
  anonymous(): Actor {
    return createActor(this.actor('anyone on the internet'));
  }

  /** An unsigned HTTP request to a function URL or an HTTP API of the fork. Becomes evidence. */
  async http(
    url: string,
    init: { method?: string; headers?: Record<string, string>; body?: string; as?: string } = {},
  ): Promise<EndpointResponse & { text: string }> {
    const parsed = new URL(url);
    const method = init.method ?? 'GET';
    const step: EvidenceStep = {
      title: `${method} ${parsed.pathname}${parsed.search}`,
      as: init.as ?? 'anyone on the internet',
      command: `curl -s -X ${method} '${url}'${init.body ? ` -d '${init.body.replaceAll("'", `'\\''`)}'` : ''}`,
      outcome: 'answered',
    };
    this.evidence.push(step);
    const response = await handle(
      this.cloud,
      {
        method,
        url: parsed.pathname + parsed.search,
        host: parsed.host,
        headers: { host: parsed.host, ...(init.headers ?? {}) },
        body: Buffer.from(init.body ?? ''),
        sourceIp: this.outside.ip,
      },
      this.outside,
    );
    const text = response.body.toString();
    step.detail = `${response.status} ${/[\0\ufffd]/.test(text) ? `${response.body.length} bytes` : text.slice(0, 300)}`;
    return { ...response, text };
  }

  /** Records what was seen without any call: a log line, a row, a path through the network. */
  note(title: string, outcome: EvidenceStep['outcome'], detail?: string): void {
    this.evidence.push({ title, outcome, ...(detail === undefined ? {} : { detail }) });
  }

  /** Tries something that may be refused: the refusal is an answer, not an error of the check. */
  async attempt<T>(
    work: () => Promise<T>,
  ): Promise<{ ok: true; value: T } | { ok: false; code: string; message: string }> {
    try {
      return { ok: true, value: await work() };
    } catch (error) {
      if (!isAwsAnswer(error)) throw error;
      return { ok: false, code: error.name, message: error.message };
    }
  }

  /** Waits until events have been delivered and functions have run; throws when the account does not come to rest. */
  async settle(): Promise<void> {
    const { settled, pending } = await this.cloud.settle(this.settleMs);
    if (!settled)
      this.note('the account did not come to rest', 'failed', `still running: ${pending.slice(0, 5).join(', ')}`);
  }

  /** What was last refused to the application in this fork, as the end of a sentence; '' when nothing was. */
  lastFailure(): string {
    const failure = this.cloud.calls
      .list()
      .findLast(
        ({ errorCode, userIdentity }) => errorCode !== undefined && /AssumedRole|AWSService/.test(userIdentity.type),
      );
    return failure ? `; last refusal: ${failure.errorMessage}` : '';
  }

  /** Moves the fork's clock: caches, timeouts and rotations are tested in no time. */
  advance(milliseconds: number): void {
    this.clock.advance(milliseconds);
  }

  private actor(name: string) {
    return { name, cloud: this.cloud, region: this.region, source: this.outside, evidence: this.evidence };
  }
}

/** A principal with a stated job that the learner removed: the check fails, by name. */
export class MissingPrincipal extends Error {}

/**
 * An error that AWS (the fork) answered, not one of the check's own. 501 and 500 are none: they are our fault. With 502
 * Lambda says that a function's own key, network or package does not let it start.
 */
export function isAwsAnswer(error: unknown): error is Error {
  if (error instanceof MissingPrincipal || error instanceof AwsError) return true;
  if (!(error instanceof Error) || !('$metadata' in error)) return false;
  const status = (error.$metadata as { httpStatusCode?: number }).httpStatusCode;
  return status !== undefined && (status < 500 || status === 502);
}

export const pass = (because: string): Outcome => ({ passed: true, because });
export const fail = (because: string): Outcome => ({ passed: false, because });
