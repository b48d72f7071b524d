import { invalidParameter } from './errors.ts';

/** When a runtime is deprecated, and from when on functions of it can neither be created nor updated. */
interface RuntimeDates {
  deprecated?: string;
  createBlocked?: string;
  updateBlocked?: string;
}

/**
 * Lambda's runtimes as of 2026-11-22. Deprecated ones go on running for ever.
 * Sources: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html as kept by cfn-lint (2026-08-19) and
 * endoflife.date (2026-08-22).
 */
export const runtimeTable = {
  asOf: '2026-11-22',
  runtimes: {
    'nodejs24.x': { deprecated: '2028-04-30', createBlocked: '2028-06-01', updateBlocked: '2028-07-01' },
    'nodejs22.x': { deprecated: '2027-04-30', createBlocked: '2027-06-01', updateBlocked: '2027-07-01' },
    'nodejs20.x': { deprecated: '2026-04-30', createBlocked: '2027-02-01', updateBlocked: '2027-03-03' },
    'nodejs18.x': { deprecated: '2025-09-01', createBlocked: '2027-02-01', updateBlocked: '2027-03-03' },
    'nodejs16.x': { deprecated: '2024-06-12', createBlocked: '2027-02-01', updateBlocked: '2027-03-03' },
    'nodejs14.x': { deprecated: '2023-12-04', createBlocked: '2024-01-09', updateBlocked: '2027-03-03' },
    'python3.14': { deprecated: '2029-06-30', createBlocked: '2029-07-31', updateBlocked: '2029-08-31' },
    'python3.13': { deprecated: '2029-06-30', createBlocked: '2029-07-31', updateBlocked: '2029-08-31' },
    'python3.12': { deprecated: '2028-10-31', createBlocked: '2028-11-30', updateBlocked: '2029-01-10' },
    'python3.11': { deprecated: '2027-06-30', createBlocked: '2027-07-31', updateBlocked: '2027-08-31' },
    'python3.10': { deprecated: '2026-10-31', createBlocked: '2027-02-01', updateBlocked: '2027-03-03' },
    'python3.9': { deprecated: '2025-12-15', createBlocked: '2027-02-01', updateBlocked: '2027-03-03' },
    'python3.8': { deprecated: '2024-10-14', createBlocked: '2027-02-01', updateBlocked: '2027-03-03' },
    java25: { deprecated: '2029-06-30' },
    java21: { deprecated: '2029-06-30' },
    java17: { deprecated: '2027-06-30', createBlocked: '2027-07-31', updateBlocked: '2027-08-31' },
    java11: { deprecated: '2027-06-30', createBlocked: '2027-07-31', updateBlocked: '2027-08-31' },
    'java8.al2': { deprecated: '2027-06-30', createBlocked: '2027-07-31', updateBlocked: '2027-08-31' },
    'java17.al2023': {},
    'java11.al2023': {},
    'java8.al2023': {},
    dotnet10: {},
    dotnet8: { deprecated: '2026-11-10', createBlocked: '2027-02-01', updateBlocked: '2027-03-03' },
    'ruby4.0': { deprecated: '2029-03-31' },
    'ruby3.4': { deprecated: '2028-03-31' },
    'ruby3.3': { deprecated: '2027-03-31' },
    'ruby3.2': { deprecated: '2026-03-31', createBlocked: '2027-02-01', updateBlocked: '2027-03-03' },
    'provided.al2023': { deprecated: '2029-06-30' },
    'provided.al2': { deprecated: '2026-07-31', createBlocked: '2027-02-01', updateBlocked: '2027-03-03' },
  } as Record<string, RuntimeDates>,
} as const;

/** Runtimes that AWS's API still names and blocked long ago. */
const blockedLongAgo = new Set([
  'nodejs',
  'nodejs4.3',
  'nodejs4.3-edge',
  'nodejs6.10',
  'nodejs8.10',
  'nodejs10.x',
  'nodejs12.x',
  'python2.7',
  'python3.6',
  'python3.7',
  'java8',
  'dotnetcore1.0',
  'dotnetcore2.0',
  'dotnetcore2.1',
  'dotnetcore3.1',
  'dotnet6',
  'ruby2.5',
  'ruby2.7',
  'go1.x',
  'provided',
]);

/** The day from which on a runtime gets no more patches; undefined where AWS has not named one. */
export function deprecationOf(runtime: string): string | undefined {
  return Object.hasOwn(runtimeTable.runtimes, runtime) ? runtimeTable.runtimes[runtime]?.deprecated : undefined;
}

/** The state of a runtime on a day, for pages and checks; undefined for a runtime that AWS does not have. */
export function runtimeState(
  runtime: string,
  now: number,
): 'supported' | 'deprecated' | 'create-blocked' | 'update-blocked' | undefined {
  const known = Object.hasOwn(runtimeTable.runtimes, runtime) ? runtimeTable.runtimes[runtime] : undefined;
  if (!known) return blockedLongAgo.has(runtime) ? 'update-blocked' : undefined;
  const today = new Date(now).toISOString().slice(0, 10);
  if (known.updateBlocked && today >= known.updateBlocked) return 'update-blocked';
  if (known.createBlocked && today >= known.createBlocked) return 'create-blocked';
  return known.deprecated && today >= known.deprecated ? 'deprecated' : 'supported';
}

/** Refuses a runtime that AWS would refuse today for a new function (`create`) or for an existing one. */
export function checkRuntime(runtime: string, use: 'create' | 'update', now: number): void {
  const state = runtimeState(runtime, now);
  if (!state)
    throw invalidParameter(
      `Value ${runtime.slice(0, 64)} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [${Object.keys(runtimeTable.runtimes).join(', ')}] or be a valid ARN`,
    );
  if (state === 'update-blocked' || (state === 'create-blocked' && use === 'create'))
    throw invalidParameter(
      `The runtime parameter of ${runtime} is no longer supported for creating or updating AWS Lambda functions. We recommend you use a supported runtime while creating or updating functions.`,
    );
}
