import {
  GetLayerVersionByArnCommand,
  GetLayerVersionCommand,
  GetLayerVersionPolicyCommand,
  LambdaClient,
  type LayerVersionsListItem,
  ListLayersCommand,
  ListLayerVersionsCommand,
} from '@aws-sdk/client-lambda';
import {
  type LayerRef,
  type LayerVersionRecord,
  layerCounters,
  layerId,
  layerVersions,
} from '../../../services/lambda/layer-records.ts';
import { scopeKey } from '../../../state/table.ts';
import type { Mirror, Source } from '../../types.ts';
import type { Packages } from './code.ts';
import { asLambdaTime, documentOf, gone, unserved } from './common.ts';

/** What was captured before the functions, as they refer to it. */
export interface CapturedLayers {
  get(ref: LayerRef): LayerVersionRecord | undefined;
  /** The content of another account's layer; undefined where it cannot be had. */
  foreign(ref: LayerRef): Promise<string | undefined>;
}

/** Every version of every layer: content, policy and the numbers that were given. */
export async function captureLayers(source: Source, mirror: Mirror, packages: Packages): Promise<CapturedLayers> {
  const captured = new Map<string, LayerVersionRecord>();
  const last = new Map(mirror.was.list(layerCounters, source.scope).map(({ id, value }) => [id, value.last]));
  await source.each(await layerNames(source, [...last.keys()]), async (name) => {
    const all = await listVersions(source, name);
    await source.each(all, async (item) => {
      const record = await layerVersion(source, packages, name, item);
      if (!record) return;
      const id = layerId(name, record.version);
      captured.set(`${scopeKey(layerVersions, source.scope)} ${id}`, record);
      mirror.put(layerVersions, source.scope, id, record);
    });
  });
  for (const { layerName, version } of captured.values())
    last.set(layerName, Math.max(last.get(layerName) ?? 0, version));
  for (const [name, number] of last) mirror.put(layerCounters, source.scope, name, { last: number });
  const lambda = source.client(LambdaClient);
  return {
    get: (ref) => captured.get(`${scopeKey(layerVersions, ref)} ${layerId(ref.name, ref.version)}`),
    async foreign(ref) {
      if (ref.account === source.scope.account) return undefined;
      const found = await source.read(
        `the layer ${ref.arn}`,
        () => lambda.send(new GetLayerVersionByArnCommand({ Arn: ref.arn })),
        ['AccessDeniedException', 'NotImplementedError', ...unserved],
      );
      const content = found?.Content;
      if (!content?.CodeSha256) return undefined;
      const code = await packages.get(`the layer ${ref.arn}`, content.CodeSha256, async () => content.Location);
      return code?.blob;
    },
  };
}

/**
 * The names of the account's layers.
 * @param known names to go by where the endpoint cannot list: LocalStack fails when every version of some layer was deleted
 */
export async function layerNames(source: Source, known: readonly string[] = []): Promise<string[]> {
  const lambda = source.client(LambdaClient);
  const first = await source.read('the layers', () => lambda.send(new ListLayersCommand({})), ['InternalError']);
  if (!first) return [...known];
  const rest = first.NextMarker
    ? await source.pages(
        'the layers',
        (Marker = first.NextMarker) => lambda.send(new ListLayersCommand({ Marker })),
        ({ Layers, NextMarker }) => ({ items: Layers, next: NextMarker }),
      )
    : [];
  return [...(first.Layers ?? []), ...rest].map(({ LayerName }) => LayerName!);
}

export function listVersions(source: Source, LayerName: string): Promise<LayerVersionsListItem[]> {
  const lambda = source.client(LambdaClient);
  return source.pages(
    `the versions of layer ${LayerName}`,
    (Marker) => lambda.send(new ListLayerVersionsCommand({ LayerName, Marker })),
    ({ LayerVersions, NextMarker }) => ({ items: LayerVersions, next: NextMarker }),
  );
}

async function layerVersion(
  source: Source,
  packages: Packages,
  LayerName: string,
  { Version: VersionNumber }: LayerVersionsListItem,
): Promise<LayerVersionRecord | undefined> {
  const lambda = source.client(LambdaClient);
  const what = `layer ${LayerName}:${VersionNumber}`;
  const [found, policy] = await Promise.all([
    source.read(what, () => lambda.send(new GetLayerVersionCommand({ LayerName, VersionNumber })), gone),
    source.read(
      `the policy of ${what}`,
      () => lambda.send(new GetLayerVersionPolicyCommand({ LayerName, VersionNumber })),
      gone,
    ),
  ]);
  const content = found?.Content;
  const code = content?.CodeSha256
    ? await packages.get(`the content of ${what}`, content.CodeSha256, async () => content.Location)
    : undefined;
  if (!found || !code) return undefined;
  const document = policy?.Policy ? await documentOf(source, `the policy of ${what}`, policy.Policy) : undefined;
  return {
    layerName: LayerName,
    version: VersionNumber!,
    description: found.Description ?? '',
    ...(found.LicenseInfo ? { licenseInfo: found.LicenseInfo } : {}),
    createdDate: asLambdaTime(found.CreatedDate),
    compatibleRuntimes: [...(found.CompatibleRuntimes ?? [])],
    compatibleArchitectures: [...(found.CompatibleArchitectures ?? [])],
    blob: code.blob,
    codeSha256: code.sha256,
    codeSize: code.size,
    ...(document ? { policy: { document, revisionId: policy?.RevisionId ?? '' } } : {}),
  };
}
