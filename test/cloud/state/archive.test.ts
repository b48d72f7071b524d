import { createHash } from 'node:crypto';
import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate';
import { beforeAll, describe, expect, it } from 'vitest';
import type { AccountState } from '../../../server/cloud/state/account-state.ts';
import { readArchive, withSecret, writeArchive } from '../../../server/cloud/state/archive.ts';
import { type ArchivedRecords, migrate } from '../../../server/cloud/state/archive-format.ts';
import { client, createTestCloud, OWN } from '../test-cloud.ts';

const about = { lab: 'a-lab', labVersion: 1, attempt: 'a1', owner: 'local', exportedAt: 1 };
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

let file: Buffer;
let state: AccountState;
let secret: string;
beforeAll(async () => {
  const { cloud } = createTestCloud();
  const start = cloud.state.fork();
  await client(IAMClient, cloud).send(
    new CreateRoleCommand({
      RoleName: 'kept',
      AssumeRolePolicyDocument: JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
      }),
    }),
  );
  const s3 = client(S3Client, cloud, undefined, { forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: 'kept-things' }));
  await s3.send(new PutObjectCommand({ Bucket: 'kept-things', Key: 'one', Body: 'the bytes' }));
  ({ state } = cloud);
  ({ secret } = cloud);
  file = writeArchive(about, { records: state, start, blobs: cloud.blobs });
});

/** The file with a part changed; the manifest describes what is there, unless it is what was changed. */
function changed(edit: (files: Record<string, Uint8Array>) => void, honest = true): Buffer {
  const files = unzipSync(file);
  edit(files);
  if (honest) {
    const manifest = JSON.parse(strFromU8(files['manifest.json']!));
    for (const name of ['records.jsonl', 'start.jsonl'])
      if (files[name]) manifest.files[name] = { bytes: files[name].length, sha256: sha256(files[name]) };
    files['manifest.json'] = strToU8(JSON.stringify(manifest));
  }
  return Buffer.from(zipSync(files));
}
const addLine = (line: string) => (files: Record<string, Uint8Array>) => {
  files['records.jsonl'] = strToU8(strFromU8(files['records.jsonl']!) + line);
};
const record = (of: object): string =>
  `${JSON.stringify({ table: 'iam.roles', scope: OWN, id: 'x', value: {}, ...of })}\n`;

describe('an account as a file', () => {
  it('comes back as it was, with the key of who takes it', async () => {
    const read = await readArchive(file);
    expect([...withSecret(read.records, secret).records()]).toEqual([...state.records()]);
    expect([...read.blobs.values()].map(String)).toContain('the bytes');
    expect(read.manifest).toMatchObject({ format: 'lambda-range-account', version: 1, ...about });
  });

  it('is the same file for the same account', async () => {
    const read = await readArchive(file);
    const blobs = {
      get: (name: string) => read.blobs.get(name)!,
      size: (name: string) => read.blobs.get(name)?.length,
      put: () => '',
      removals: 0,
    };
    expect(
      writeArchive(about, { records: withSecret(read.records, secret), start: read.start, blobs }).equals(file),
    ).toBe(true);
  });

  it('does not hold the key that sessions are derived from', () => {
    for (const [name, bytes] of Object.entries(unzipSync(file)))
      expect(strFromU8(bytes, true).includes(secret), name).toBe(false);
  });

  it('gives records that nothing can change', async () => {
    const { records } = await readArchive(file);
    const first = records.list<{ tags: Record<string, string> }>(
      { name: 'iam.roles', global: true },
      { account: OWN, region: '' },
    )[0]!;
    expect(() => {
      first.value.tags.more = 'x';
    }).toThrow(TypeError);
  });
});

describe('a file that is refused', () => {
  it.each<[string, () => Buffer, RegExp]>([
    ['no zip', () => Buffer.from('hello'), /no account file/],
    ['half of one', () => file.subarray(0, file.length / 2), /no account file/],
    ['empty', () => Buffer.alloc(0), /no account file/],
    ['another zip', () => Buffer.from(zipSync({ 'index.js': strToU8('x') })), /no manifest.json/],
    ['no records', () => changed((files) => delete files['records.jsonl']), /no records.jsonl/],
    ['a manifest that is no JSON', () => changed((files) => (files['manifest.json'] = strToU8('{')), false), /no JSON/],
    ['null', () => changed((files) => (files['manifest.json'] = strToU8('null')), false), /no account file/],
    ['records that are not what it says', () => changed(addLine(record({})), false), /was changed/],
    ['a newer version', () => withManifest({ version: 2 }), /Update it first/],
    ['an old version', () => withManifest({ version: 0 }), /does not say/],
    ['a table that nobody knows', () => changed(addLine(record({ table: 'no.such' }))), /no records of the kind/],
    ['a table named __proto__', () => changed(addLine(record({ table: '__proto__' }))), /no records of the kind/],
    ['a scope of another form', () => changed(addLine(record({ scope: `${OWN}/us-east-1` }))), /no scope of iam.roles/],
    ['an account that is not declared', () => changed(addLine(record({ scope: '123412341234' }))), /not in the file/],
    ['a value that is a list', () => changed(addLine(record({ value: [] }))), /an object as its value/],
    ['a record twice', () => changed(addLine(record({}) + record({}))), /comes twice/],
    [
      'a prototype',
      () => changed(addLine(record({}).replace('"value":{}', '"value":{"a":{"__proto__":{}}}'))),
      /__proto__/,
    ],
    [
      'depth',
      () => changed(addLine(record({}).replace('{}', `${'{"a":'.repeat(100)}1${'}'.repeat(100)}`))),
      /too deeply/,
    ],
    ['depth beyond the stack', () => changed(addLine(record({}).replace('{}', '['.repeat(200_000)))), /no JSON/],
    ['a second own account', () => changed(addLine(account('222233334444', 'own'))), /not one account/],
    ['an account of another kind', () => changed(addLine(account('222233334444', 'aws'))), /is no account/],
    ['a file beside', () => changed((files) => (files['../../etc/passwd'] = strToU8('x'))), /no account file/],
    ['a file of no use', () => changed((files) => (files['readme.txt'] = strToU8('x'))), /belongs to no account/],
    [
      'a blob under a wrong name',
      () => changed((files) => (files[`blobs/${'0'.repeat(64)}`] = strToU8('x'))),
      /another digest/,
    ],
  ])('%s', async (_name, make, message) => {
    await expect(readArchive(make())).rejects.toThrow(message);
  });

  it('inflates to more than it declares', async () => {
    await expect(readArchive(declaring('records.jsonl', 10))).rejects.toThrow(/does not inflate to its declared size/);
  });

  it.each([
    ['manifest.json', 200_000],
    ['records.jsonl', 65 << 20],
    ['records.jsonl', 1 << 30],
    [`blobs/${sha256(strToU8('the bytes'))}`, 65 << 20],
  ])('declares too much: %s with %i bytes', async (name, bytes) => {
    await expect(readArchive(declaring(name, bytes))).rejects.toThrow(/too large|too much|must be smaller/);
  });
});

/** The file whose directory says that an entry inflates to so many bytes. */
function declaring(name: string, bytes: number): Buffer {
  const lying = Buffer.from(file);
  const directory = lying.lastIndexOf(name, undefined, 'latin1') - 46;
  lying.writeUInt32LE(bytes, directory + 24);
  return lying;
}

const account = (id: string, kind: string): string =>
  record({ table: 'cloud.accounts', scope: 'cloud', id, value: { id, kind, name: kind } });

function withManifest(of: object): Buffer {
  return changed((files) => {
    files['manifest.json'] = strToU8(JSON.stringify({ ...JSON.parse(strFromU8(files['manifest.json']!)), ...of }));
  }, false);
}

describe('older versions', () => {
  const given: ArchivedRecords = { records: [], start: [] };
  const step =
    (id: string) =>
    (from: ArchivedRecords): ArchivedRecords => ({
      ...from,
      records: [...from.records, { table: 't', scope: 's', id, value: {} }],
    });

  it('are brought up step by step, in order', () => {
    const steps = new Map([
      [1, step('one')],
      [2, step('two')],
    ]);
    expect(migrate(1, given, steps, 3).records.map(({ id }) => id)).toEqual(['one', 'two']);
    expect(migrate(2, given, steps, 3).records.map(({ id }) => id)).toEqual(['two']);
    expect(migrate(3, given, steps, 3)).toBe(given);
  });

  it('are refused where a step is missing', () => {
    expect(() => migrate(1, given, new Map([[2, step('two')]]), 3)).toThrow(/cannot read any more/);
  });
});
