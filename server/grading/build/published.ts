import type { Cloud } from '../../cloud/cloud.ts';
import { hostRecords } from '../../cloud/hosts.ts';
import type { StateReader, StateWriter } from '../../cloud/state/account-state.ts';

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
  once?: PublishedVersion;
  advisory?: Advisory;
}

/** What is put into a registry. */
export interface Publication {
  versions?: readonly PublishedVersion[];
  /**
   * Other bytes under numbers that are there, handed out to whoever asks first: one cache of the registry has them. A client
   * that compares checksums asks again, so that one build tells of every package whether it does.
   */
  once?: readonly PublishedVersion[];
  advisories?: readonly Advisory[];
}

const scopeOf = (registry: string) => ({ account: registry, region: '' });
const onceId = ({ name, version }: PublishedVersion): string => `once ${name}@${version}`;

/**
 * Publishes to a registry of this cloud. A version that is there already is replaced, which npmjs.com refuses and whoever
 * has taken over a registry can do.
 */
export function publish(
  cloud: Pick<Cloud, 'transact'>,
  registry: string,
  { versions = [], once = [], advisories = [] }: Publication,
): void {
  cloud.transact((state) => {
    const put = (id: string, entry: Entry): void => state.put(hostRecords, scopeOf(registry), id, entry as never);
    for (const version of versions) put(`version ${version.name}@${version.version}`, { version });
    for (const other of once) put(onceId(other), { once: other });
    for (const advisory of advisories) put(`advisory ${advisory.id}`, { advisory });
  });
}

/** What a registry has, and what it says that it has as long as something is handed out once. */
export function publishedIn(
  state: StateReader,
  registry: string,
): { versions: PublishedVersion[]; once: PublishedVersion[]; advisories: Advisory[] } {
  const entries = state.list(hostRecords, scopeOf(registry)).map(({ value }) => value as Entry);
  return {
    versions: entries.flatMap(({ version }) => version ?? []),
    once: entries.flatMap(({ once }) => once ?? []),
    advisories: entries.flatMap(({ advisory }) => advisory ?? []),
  };
}

/** Ends what was to be handed out once and was not. */
export function endOnce(cloud: Pick<Cloud, 'transact'>, registry: string): void {
  cloud.transact((state) => {
    for (const version of publishedIn(state, registry).once) handedOut(state, registry, version);
  });
}

/** Marks that something was handed out. */
export function handedOut(state: StateWriter, registry: string, version: PublishedVersion): void {
  state.delete(hostRecords, scopeOf(registry), onceId(version));
}
