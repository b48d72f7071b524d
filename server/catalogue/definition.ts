import type { AccountRecord } from '../cloud/accounts.ts';
import type { SimulatedHost } from '../cloud/hosts.ts';
import type { Random } from '../cloud/random.ts';
import type { AccountState } from '../cloud/state/account-state.ts';
import type { Actor } from '../grading/actor.ts';
import type { CheckContext } from '../grading/check-context.ts';
import type { CheckKind } from '../grading/types.ts';
import type { LabOrganization } from './organization.ts';

/** What a lab's deploy leaves behind for its other parts; a record of the account state, so that a fork has it too. */
export interface LabFacts {
  /** Names and ARNs that the learner is told. */
  outputs: Record<string, string>;
  /** Canaries, the attacker's names, starting passwords: never shown. */
  secrets: Record<string, string>;
}

export interface DeployAccount extends AccountRecord {
  /** The account's root, for building. */
  admin: Actor;
}

/** What `deploy` is given. */
export interface World {
  region: string;
  /** Of the attempt's seed: the same attempt is always built with the same names. */
  random: Random;
  /** `photos-in` → `photos-in-7f3a`: unique to the attempt, the same at every call. */
  name(base: string): string;
  /** The default: the learner's own. */
  account(kind?: AccountRecord['kind']): DeployAccount;
  /** A folder of the lab as a zip, byte for byte what learners read. */
  zip(folder: string): Uint8Array;
  output(name: string, value: string): void;
  secret(name: string, value: string): void;
  /** Direct, unauthorised reads and writes for what AWS has no call for (rows of a database). */
  cloud: import('../cloud/cloud.ts').Cloud;
}

/** What a check or the exploit concludes. */
export interface Outcome {
  passed: boolean;
  /** One sentence that names the resource and the fact. */
  because: string;
}

/** An attack turned into a check: passed where the attack fails, with what the attack says. */
export function attackFails(attack: (ctx: CheckContext) => Promise<Outcome>): (ctx: CheckContext) => Promise<Outcome> {
  return async (ctx) => {
    const { passed, because } = await attack(ctx);
    return { passed: !passed, because };
  };
}

export interface CheckDefinition {
  kind: CheckKind;
  /** The good state, as a learner reads it: "The backup bucket is out of reach". */
  title: string;
  /** 0 for `function` checks, which gate. */
  points: number;
  /** At the start; default: function checks pass, all others fail. */
  atStart?: 'passes' | 'fails';
  run(ctx: CheckContext): Promise<Outcome>;
}

/** The attack map: from entry to impact; each edge names the checks that cut it. */
export interface AttackMap {
  nodes: { id: string; label: string; kind: 'entry' | 'principal' | 'resource' | 'impact' }[];
  edges: { from: string; to: string; call: string; cutBy: string[] }[];
}

export interface LabDefinition {
  /** Besides the learner's own. */
  accounts?: ('partner' | 'attacker')[];
  /** Places accounts in an organisation with service and resource control policies. Absent: they stand alone. */
  organization?: LabOrganization;
  /** The lab means nothing without these; it is listed as unavailable where the machine lacks them. */
  needs?: ('containment' | 'network' | 'python' | 'npm')[];
  deploy(world: World): Promise<void>;
  /** Simulated hosts, as the account's records place them. */
  hosts?(facts: LabFacts, state: AccountState, region: string): SimulatedHost[];
  /** Puts data fixtures (rows, objects, queues) back in a fork before each check. Never credentials, secrets or schemas. */
  restore?(ctx: CheckContext): Promise<void>;
  /** The attack as an outsider makes it; `passed` says that it SUCCEEDED. */
  exploit(ctx: CheckContext): Promise<Outcome>;
  checks: Record<string, CheckDefinition>;
  map: AttackMap;
}

/** Declares a lab; only for the types. */
export function defineLab(definition: LabDefinition): LabDefinition {
  return definition;
}

/** Weakened fixes that no check minds, and why that is right; `mutant` is a part of the mutant's name. */
export interface Indifferent {
  mutant: string;
  because: string;
}

/** One submission: what somebody changed, and which checks it fails (none for a right fix). */
export interface Submission {
  name: string;
  /** In one sentence: what was done, and for a near-miss why it fails. */
  why: string;
  /** Ids of the checks that fail; empty for a right fix. */
  fails: string[];
  /** The change, made as the learner's administrator with the official clients. */
  apply(ctx: SubmissionContext): Promise<void>;
}

export interface SubmissionContext {
  region: string;
  account: string;
  outputs: Record<string, string>;
  admin: Actor;
  /** A folder of the lab, or given files, as a zip. */
  zip(files: string | Record<string, string | Uint8Array>): Uint8Array;
  /** The lab's own vulnerable file, to edit it. */
  file(path: string): string;
  cloud: import('../cloud/cloud.ts').Cloud;
}

/** Only for the types: the names of failing checks must be the lab's. */
export function defineAttempts(submissions: Submission[]): Submission[] {
  return submissions;
}
