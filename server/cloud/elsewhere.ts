import type { Access, CallContext } from './context.ts';
import type { AccountState } from './state/account-state.ts';

/**
 * Another AWS endpoint that holds what a cloud answers for. The cloud keeps a mirror of it in its records: it asks the
 * policies, the endpoint operates.
 */
export interface Elsewhere {
  /** Whether the endpoint carries this operation out; what it does not is done on the mirror. */
  serves(service: string, operation: string): boolean;
  /** Whether the endpoint does a service's background work (deliveries, pollers) itself. */
  worksFor(service: string): boolean;
  /** Makes in the endpoint what the accounts have before the first call: called once, when their records are there. */
  prepare(): Promise<void>;
  /**
   * Reads again what may have changed while nobody looked, and what the call that comes needs to know for sure.
   * @throws AwsError ServiceUnavailable
   */
  refresh(service?: string, operation?: string): Promise<void>;
  /**
   * Carries out a call that the policies allow.
   * @throws AwsError as the endpoint or the rehearsal answers it
   */
  send(ctx: CallContext, service: string, operation: string, input: object, asked: readonly Access[]): Promise<unknown>;
  /** The whole account as the endpoint has it now, with what applications wrote. @throws AwsError ServiceUnavailable where it cannot tell */
  captured(): Promise<AccountState>;
  close(): void;
}
