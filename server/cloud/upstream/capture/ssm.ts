import {
  DeleteParametersCommand,
  DescribeParametersCommand,
  ListTagsForResourceCommand,
  type ParameterHistory,
  type ParameterMetadata,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { parameterArn, parameters, type VersionRecord, versionId, versions } from '../../services/ssm/store.ts';
import { tagsFrom } from '../../tags.ts';
import type { CapturedService, Mirror, Source } from '../types.ts';
import { type EncryptingKey, encryptingKeys } from './kms-encrypting.ts';
import { encrypted, enveloped } from './kms-envelope.ts';
import { historyOf } from './ssm-history.ts';

/**
 * Not read, as no call tells: the ciphertexts of SecureStrings (values are read in the clear and encrypted anew), labels'
 * order, who put a version (an endpoint sees the gateway alone).
 */
export const capturedSsm: CapturedService = {
  id: 'ssm',
  tables: [parameters, versions],
  data: [],
  async capture(source, mirror) {
    const keyOf = encryptingKeys(source, mirror, 'ssm');
    await source.each(await describeParameters(source), (found) => captureParameter(source, mirror, found, keyOf));
  },
  async remove(source) {
    const ssm = source.client(SSMClient);
    const names = (await describeParameters(source)).map(({ Name }) => Name!);
    const tens = Array.from({ length: Math.ceil(names.length / 10) }, (_, n) => names.slice(n * 10, n * 10 + 10));
    await source.each(tens, (Names) =>
      source.attempt(`parameters ${Names}`, () => ssm.send(new DeleteParametersCommand({ Names }))),
    );
    return names.length;
  },
};

function describeParameters(source: Source): Promise<ParameterMetadata[]> {
  const ssm = source.client(SSMClient);
  return source.pages(
    'the parameters',
    (NextToken) => ssm.send(new DescribeParametersCommand({ NextToken, MaxResults: 50 })),
    (page) => ({ items: page.Parameters, next: page.NextToken }),
  );
}

async function captureParameter(
  source: Source,
  mirror: Mirror,
  found: ParameterMetadata,
  keyOf: (given: string | undefined) => Promise<EncryptingKey>,
): Promise<void> {
  const ssm = source.client(SSMClient);
  const { scope } = source;
  const name = found.Name!;
  const [{ history, decrypted }, tags] = await Promise.all([
    historyOf(source, name),
    source.read(
      `the tags of parameter ${name}`,
      () => ssm.send(new ListTagsForResourceCommand({ ResourceType: 'Parameter', ResourceId: name })),
      ['InvalidResourceId'],
    ),
  ]);
  // Every reader takes a version for granted.
  if (history.length === 0) return;
  for (const entry of history) {
    const id = versionId(name, entry.Version!);
    const known = mirror.was.get(versions, scope, id);
    const rest = factsOf(source, entry, known);
    const allowedPattern = entry.AllowedPattern || (entry === history.at(-1) && found.AllowedPattern);
    mirror.put<VersionRecord>(versions, scope, id, {
      ...rest,
      ...(decrypted || rest.type !== 'SecureString'
        ? await storedValue(source, name, rest, entry.Value ?? '', keyOf)
        : { value: known?.value ?? entry.Value ?? '', ...(known?.envelope ? { envelope: known.envelope } : {}) }),
      ...(allowedPattern ? { allowedPattern } : {}),
    });
  }
  mirror.put(parameters, scope, name, {
    name,
    account: scope.account,
    region: scope.region,
    dataType: history.at(-1)!.DataType ?? found.DataType ?? 'text',
    tags: tagsFrom(tags?.TagList),
    versions: history.map(({ Version }) => Version!),
    labels: Object.fromEntries(
      history.flatMap(({ Labels = [], Version }) => Labels.map((label) => [label, Version!] as const)),
    ),
  });
}

type Facts = Omit<VersionRecord, 'value' | 'envelope' | 'allowedPattern'>;

function factsOf(source: Source, entry: ParameterHistory, known: VersionRecord | undefined): Facts {
  const type = entry.Type as VersionRecord['type'];
  const root = `arn:aws:iam::${source.scope.account}:root`;
  return {
    version: entry.Version!,
    type,
    tier: tierOf(entry),
    ...(type === 'SecureString' ? { keyId: entry.KeyId ?? 'alias/aws/ssm' } : {}),
    modified: entry.LastModifiedDate?.getTime() ?? 0,
    user: known?.user ?? (entry.LastModifiedUser?.startsWith('arn:') ? entry.LastModifiedUser : root),
    ...(entry.Description ? { description: entry.Description } : {}),
  };
}

/** AWS decides at once what a parameter of intelligent tiering is; emulators keep the wish. */
function tierOf({ Tier, Value = '' }: ParameterHistory): VersionRecord['tier'] {
  if (Tier === 'Intelligent-Tiering') return Buffer.byteLength(Value) > 4096 ? 'Advanced' : 'Standard';
  return Tier === 'Advanced' ? 'Advanced' : 'Standard';
}

/** As Parameter Store encrypts it, so that the key's policy counts when it is read in the mirror or a fork. */
async function storedValue(
  source: Source,
  name: string,
  { type, tier, keyId }: Facts,
  plain: string,
  keyOf: (given: string | undefined) => Promise<EncryptingKey>,
): Promise<Pick<VersionRecord, 'value' | 'envelope'>> {
  if (type !== 'SecureString') return { value: plain };
  const key = await keyOf(keyId);
  const context = { PARAMETER_ARN: parameterArn(source.scope, name) };
  if (tier === 'Standard') return { value: encrypted(key, Buffer.from(plain), context) };
  const { body, ...envelope } = enveloped(key, Buffer.from(plain), context);
  return { value: body, envelope };
}
