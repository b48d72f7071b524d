import type { Catalogue, Lab } from '../catalogue/catalogue.ts';
import type { AttemptRow } from '../store/attempts.ts';
import type { Store } from '../store/index.ts';
import type { Clouds } from './clouds.ts';
import type { AttemptRules, Deed } from './rules.ts';
import type { Upstreams } from './upstreams.ts';

export interface TrainingOptions {
  store: Store;
  catalogue: Catalogue;
  clouds: Clouds;
  upstreams: Upstreams;
  endpoint: string;
  /** What account files are sealed with, on a server with accounts; else they are plain zips. */
  sealKey?: Buffer | undefined;
  /** Why a lab cannot run on this machine; undefined where it can. */
  unavailable(lab: Lab): string | undefined;
  now?(): number;
  /** Grades and attacks that run at once, over all attempts. By default as many as there are processors. */
  gradesAtOnce?: number | undefined;
  /**
   * May a person act for the owner of attempts? Owners are persons, teams and entries of assessments. By default nobody
   * acts for others.
   */
  actsFor?(person: string, owner: string): boolean;
  /** What is demanded of an attempt besides its lab: an assessment's rules. Undefined for self-paced attempts. */
  rulesOf?(attempt: AttemptRow): AttemptRules | undefined;
  /** Why an owner may not start a lab now, besides the machine; undefined where they may. */
  closed?(owner: string, lab: string): string | undefined;
  /** Told of what people do besides AWS calls, when they do it. */
  onDeed?(attempt: string, person: string, deed: Deed, at: number): void;
}
