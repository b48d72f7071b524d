import { createHash } from 'node:crypto';
import type { VersionRecord } from './records.ts';
import { deprecationOf } from './runtimes.ts';

/** One patch level of a runtime: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-update.html */
export interface RuntimeVersion {
  /** As INIT_START writes it: `nodejs:22.v61`. */
  name: string;
  /** From this day on, functions that are created or updated get it. */
  released: string;
  /** From this day on, functions that nobody touches get it too, where their mode is Auto. */
  rolledOut: string;
}

/**
 * Days on which Lambda releases runtime versions here.
 * differs from AWS: it publishes neither the days nor the ARNs of its runtime versions; these are made up, eight weeks
 * apart, and the second phase of a rollout begins three weeks after the first.
 */
const releases = [
  ...['2025-05-13', '2025-07-08', '2025-09-09', '2025-11-11'],
  ...['2026-01-13', '2026-03-10', '2026-05-12', '2026-07-14', '2026-09-08', '2026-11-10'],
  ...['2027-01-12', '2027-03-09', '2027-05-11', '2027-07-13', '2027-09-14', '2027-11-09'],
  ...['2028-01-11', '2028-03-14', '2028-05-09', '2028-07-11', '2028-09-12', '2028-11-14'],
];
const rolloutMs = 21 * 86_400_000;

/** Which number a runtime's first version in the table has: older runtimes have had more of them. */
const firstNumber = 20;

const dayOf = (now: number): string => new Date(now).toISOString().slice(0, 10);

/** The versions of a runtime, oldest first; a deprecated runtime gets no more of them. */
export function runtimeVersions(runtime: string): RuntimeVersion[] {
  const end = deprecationOf(runtime);
  const label = runtime.replace(/^([a-z]+)\.?(.+?)(?:\.x)?$/, '$1:$2');
  return releases
    .map((released, index) => ({
      name: `${label}.v${firstNumber + 3 * index}`,
      released,
      rolledOut: dayOf(Date.parse(released) + rolloutMs),
    }))
    .filter(({ released }, index) => index === 0 || end === undefined || released < end);
}

/** What a function that is created or updated now gets. */
export function newestVersion(runtime: string, now: number): RuntimeVersion {
  const today = dayOf(now);
  const all = runtimeVersions(runtime);
  return all.findLast(({ released }) => released <= today) ?? all[0]!;
}

/** What a version of a function runs on now: by its mode, its last update and, for Auto, the rollout. */
export function runningVersion(version: VersionRecord, region: string, now: number): RuntimeVersion {
  const all = runtimeVersions(version.runtime);
  const { updateRuntimeOn = 'Auto', runtimeVersionArn } = version.runtimeManagement ?? {};
  if (updateRuntimeOn === 'Manual') {
    const pinned = versionOfArn(region, version.architectures[0]!, version.runtime, runtimeVersionArn);
    if (pinned) return pinned;
  }
  const since = Date.parse(version.lastModified.replace('+0000', 'Z'));
  const kept = all.find(({ name }) => name === version.runtimeVersion) ?? newestVersion(version.runtime, since);
  if (updateRuntimeOn !== 'Auto') return kept;
  const today = dayOf(now);
  const rolled = all.findLast(({ rolledOut }) => rolledOut <= today);
  return rolled && rolled.released > kept.released ? rolled : kept;
}

/** Differs by region and architecture, as AWS's do. */
export function versionArn(region: string, architecture: string, name: string): string {
  const digits = createHash('sha256').update(`${region} ${architecture} ${name}`).digest('hex');
  return `arn:aws:lambda:${region}::runtime:${digits}`;
}

/** The version of a runtime that an ARN names; undefined for an ARN that is not of this table. */
export function versionOfArn(
  region: string,
  architecture: string,
  runtime: string,
  arn: string | undefined,
): RuntimeVersion | undefined {
  return runtimeVersions(runtime).find(({ name }) => versionArn(region, architecture, name) === arn);
}

/** The ARN of what a version of a function runs on now. */
export function runningArn(version: VersionRecord, region: string, now: number): string {
  return versionArn(region, version.architectures[0]!, runningVersion(version, region, now).name);
}
