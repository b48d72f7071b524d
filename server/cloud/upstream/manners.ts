import type { StateReader } from '../state/account-state.ts';
import type { Scope } from '../state/table.ts';
import { completed, isRegional, makesUnnamed, prepared, saidOut } from './capture/ec2/calls.ts';
import { isManagedByRds } from './capture/secretsmanager.ts';
import { isAwsOwn } from './foreign.ts';
import type { Source } from './types.ts';

/** How calls of a service are made to an endpoint that does not do what AWS does by itself. */
export interface Manners {
  /** Whether the endpoint cannot do this: it then happens in the mirror alone. */
  lacks?(operation: string, input: object, state: StateReader, scope: Scope): boolean;
  /** The input as the endpoint should get it. */
  saidOut?(operation: string, input: object, state: StateReader, scope: Scope): object;
  prepared?(source: Source, operation: string, input: object, state: StateReader): Promise<void>;
  /** @param output empty where the endpoint does not have the operation */
  completed?(source: Source, operation: string, input: object, output: object): Promise<void>;
  /** Calls that make things whose ids only a capture tells. */
  makesUnnamed?: ReadonlySet<string>;
  /** Services whose records change along. */
  touches?: readonly string[];
}

export const manners: Readonly<Record<string, Manners>> = {
  secretsmanager: {
    lacks(_operation, input) {
      const { Name, SecretId } = input as { Name?: string; SecretId?: string };
      return isManagedByRds(SecretId ?? Name ?? '');
    },
  },
  ec2: { lacks: isRegional, saidOut, prepared, completed, makesUnnamed },
  lambda: {
    // No endpoint has the layers of AWS's own accounts; the mirror remembers them.
    saidOut(_operation, input) {
      const { Layers } = input as { Layers?: readonly string[] };
      return Array.isArray(Layers) ? { ...input, Layers: Layers.filter((arn) => !isAwsOwn(arn)) } : input;
    },
    // Functions in a VPC have interfaces there.
    touches: ['ec2'],
  },
};
