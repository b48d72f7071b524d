import type { Duplex } from 'node:stream';
import type { EndpointRequest, EndpointResponse } from './context.ts';
import type { AccountState, StateWriter } from './state/account-state.ts';
import { defineTable } from './state/table.ts';

/** Where a simulated host stands: out on the internet, or in a subnet behind security groups. */
export type Place =
  | { kind: 'internet'; ip?: string }
  | {
      kind: 'vpc';
      account: string;
      region: string;
      vpcId: string;
      subnetId: string;
      ip: string;
      securityGroupIds: string[];
    };

export interface HostContext {
  /** The host's own records: forked, saved and restored with the account. */
  state: StateWriter;
  snapshot: AccountState;
  /** Milliseconds of the cloud's clock. */
  now: number;
}

/**
 * A service that is not AWS: a payment API, an attacker's drop box, a database in a subnet. Declared by a lab as code;
 * what it remembers are records of the account state (`hostRecords`), so that a fork has its own.
 */
export interface SimulatedHost {
  /** The DNS name: `payments.example`. */
  name: string;
  port: number;
  place: Place;
  /** Answers HTTP requests (TLS is terminated before). */
  http?(ctx: HostContext, request: EndpointRequest): Promise<EndpointResponse> | EndpointResponse;
  /** Speaks anything else over a byte stream; `transact` runs a change of the host's records durably. */
  tcp?(socket: Duplex, transact: <T>(change: (ctx: HostContext) => T) => T): void;
}

/** What simulated hosts remember: scope account = the host's name. */
export const hostRecords = defineTable<{ [key: string]: unknown }>('host.records', { global: true });
