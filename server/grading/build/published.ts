import type { Cloud } from '../../cloud/cloud.ts';
import { hostRecords } from '../../cloud/hosts.ts';
import type { StateReader } from '../../cloud/state/account-state.ts';

/** One version of a package in a simulated npm registry. */
export interface PublishedVersion {
  name: string;
  version: string;
  /** All but package.json. */
  files: Record<string, string>;
  /** When, as a date in ISO 8601. */
  published: string;
  dependencies?: Record<string, string>;
  scripts?: Record<string, string>;
}

/** A finding about versions of a package, as a registry answers it to `npm audit`. */
export interface Advisory {
  package: string;
  /** `GHSA-…` */
  id: string;
  title: string;
  severity: 'low' | 'moderate' | 'high' | 'critical';
  /** Versions that have it, as npm writes ranges: `<2.4.1`. */
  range: string;
  cwe: string[];
}

interface Entry {
  [key: string]: unknown;
  version?: PublishedVersion;
  advisory?: Advisory;
}

/**
 * Publishes to a registry of this cloud. A version that is there already is replaced, which npmjs.com refuses and whoever
 * has taken over a registry can do.
 */
export function publish(
  cloud: Pick<Cloud, 'transact'>,
  registry: string,
  { versions = [], advisories = [] }: { versions?: readonly PublishedVersion[]; advisories?: readonly Advisory[] },
): void {
  cloud.transact((state) => {
    const put = (id: string, entry: Entry): void =>
      state.put(hostRecords, { account: registry, region: '' }, id, entry as never);
    for (const version of versions) put(`version ${version.name}@${version.version}`, { version });
    for (const advisory of advisories) put(`advisory ${advisory.id}`, { advisory });
  });
}

/** What a registry has. */
export function publishedIn(
  state: StateReader,
  registry: string,
): { versions: PublishedVersion[]; advisories: Advisory[] } {
  const entries = state.list(hostRecords, { account: registry, region: '' }).map(({ value }) => value as Entry);
  return {
    versions: entries.flatMap(({ version }) => version ?? []),
    advisories: entries.flatMap(({ advisory }) => advisory ?? []),
  };
}
