import { expect } from 'vitest';
import { Cloud } from '../../../server/cloud/cloud.ts';
import type { Change } from '../../../server/cloud/state/account-state.ts';
import { captureAccount } from '../../../server/cloud/upstream/capture.ts';
import { removeAccount } from '../../../server/cloud/upstream/remove.ts';
import { capture, inOrder, loaded, sourceOf } from './kit.ts';

/** The records of some tables that `cloud` itself has of its own account. */
export function ownRecords(cloud: Cloud, tables: ReadonlySet<string>): Change[] {
  const account = cloud.account().id;
  return inOrder(
    [...cloud.state.records()].filter(({ table, scope }) => tables.has(table) && scope.split('/')[0] === account),
  );
}

/** Captures, with what was captured before as what is known. */
export async function captureAgain(cloud: Cloud, known: Cloud, services: ReadonlySet<string>) {
  const { source, unread } = sourceOf(cloud);
  const found = await captureAccount(source, { was: known.state, blobs: cloud.blobs, services, data: true });
  return { found, unread };
}

/** Captured, loaded and captured of what was loaded: nothing is lost on the way, and nothing was left unread. */
export async function roundtrip(cloud: Cloud, services: ReadonlySet<string>) {
  const first = await capture(cloud, services);
  expect(first.unread).toEqual([]);
  const copy = loaded(cloud, first.found, services);
  const second = await capture(copy, services);
  expect(second.unread).toEqual([]);
  expect(inOrder(second.found)).toEqual(inOrder(first.found));
  return { found: inOrder(first.found), copy };
}

/** Removes everything, and answers what a capture still finds. */
export async function removed(cloud: Cloud, services: ReadonlySet<string>): Promise<Change[]> {
  const { source } = sourceOf(cloud);
  expect(await removeAccount(source, services)).toBe(0);
  return (await capture(cloud, services)).found;
}

/** The same records in a cloud of its own. */
export const copyOf = (cloud: Cloud): Cloud =>
  new Cloud({ id: cloud.id, state: cloud.state.fork(), blobs: cloud.blobs });
