import type { Cloud } from '../cloud/cloud.ts';
import { runtimeVersions, versionArn } from '../cloud/services/lambda/runtime-versions.ts';

/** A patch level of a runtime, for labs about who gets patches. */
export interface RuntimePatch {
  /** As INIT_START writes it: `nodejs:24.v44`. */
  name: string;
  arn: string;
  /** `2026-09-08` */
  released: string;
  /** Functions that nobody touches run on it, too, if their mode is Auto. */
  rolledOut: boolean;
}

/**
 * The patch levels of a runtime that are released by now, oldest first. AWS has no call that lists them.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-update.html
 */
export function runtimePatches(cloud: Cloud, runtime: string, architecture = 'x86_64'): RuntimePatch[] {
  const today = new Date(cloud.clock.now()).toISOString().slice(0, 10);
  return runtimeVersions(runtime)
    .filter(({ released }) => released <= today)
    .map(({ name, released, rolledOut }) => ({
      name,
      arn: versionArn(cloud.region, architecture, name),
      released,
      rolledOut: rolledOut <= today,
    }));
}
