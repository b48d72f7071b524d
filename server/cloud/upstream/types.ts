import type { ClientClass } from '../clients.ts';
import type { StateReader } from '../state/account-state.ts';
import type { Blobs } from '../state/blobs.ts';
import type { Scope, Table } from '../state/table.ts';

/** An account behind an AWS endpoint, as capture and removal see it. */
export interface Source {
  /** The account and its region: where regional records go. */
  readonly scope: Scope;
  client<C>(Client: ClientClass<C>): C;
  /**
   * One read. Undefined where there is nothing (an error of the names in `absent`), and where the endpoint cannot answer,
   * which the report then says.
   * @param what for the report: "the tags of queue orders"
   * @throws UpstreamUnavailable when the endpoint does not answer at all
   */
  read<T>(what: string, ask: () => Promise<T>, absent?: readonly string[]): Promise<T | undefined>;
  /** All items of a paginated read; what could be read until a page failed. Bounded. */
  pages<P, T>(
    what: string,
    ask: (token: string | undefined) => Promise<P>,
    part: (page: P) => { items: readonly T[] | undefined; next: string | undefined },
  ): Promise<T[]>;
  /** Works on items some at a time; results in the order of the items. */
  each<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]>;
  /** One deletion, tried; true where it was done. Errors are not thrown (removal goes round until nothing is left). */
  attempt(what: string, ask: () => Promise<unknown>): Promise<boolean>;
}

/** Where captured records go. */
export interface Mirror {
  /** What was known before: for what an endpoint does not give back, and to fetch nothing twice. */
  readonly was: StateReader;
  readonly blobs: Blobs;
  put<T extends object>(table: Table<T>, scope: Scope, id: string, value: T): void;
}

/** One service of an upstream account: how its records are read by AWS's read calls alone, and how all of it is deleted. */
export interface CapturedService {
  /** As in `services`: `iam`, `s3` … */
  readonly id: string;
  /** Tables that hold configuration. Whatever `capture` does not put is not there any more. */
  readonly tables: readonly Table<object>[];
  /** Tables that hold what applications write (objects, messages, log lines): read for a grade, not for a policy question. */
  readonly data: readonly Table<object>[];
  capture(source: Source, mirror: Mirror): Promise<void>;
  /** Called after `capture` and only when data is wanted too. */
  captureData?(source: Source, mirror: Mirror): Promise<void>;
  /** Deletes what can be deleted now. Answers how many things were still there when it looked. */
  remove(source: Source): Promise<number>;
}
