import type {
  DeleteLayerVersionCommandInput,
  DeleteLayerVersionCommandOutput,
  GetLayerVersionByArnCommandInput,
  GetLayerVersionByArnCommandOutput,
  GetLayerVersionCommandInput,
  GetLayerVersionCommandOutput,
  GetLayerVersionResponse,
  LayerVersionsListItem,
  ListLayersCommandInput,
  ListLayersCommandOutput,
  ListLayerVersionsCommandInput,
  ListLayerVersionsCommandOutput,
  PublishLayerVersionCommandInput,
  PublishLayerVersionCommandOutput,
} from '@aws-sdk/client-lambda';
import { type CallContext, operation } from '../../context.ts';
import { paginate } from '../../paginate.ts';
import type { Scope } from '../../state/table.ts';
import { storeCode } from './code.ts';
import { codeLocation } from './code-location.ts';
import { invalidParameter, notFound } from './errors.ts';
import { lambdaTime } from './find.ts';
import { badMarker } from './functions.ts';
import { layerAccess, layerTarget } from './layer-access.ts';
import {
  type LayerRef,
  type LayerVersionRecord,
  layerArn,
  layerCounters,
  layerId,
  layerVersions,
  parseLayerVersionArn,
} from './layer-records.ts';
import { runtimeState } from './runtimes.ts';

function describe(ctx: CallContext, scope: Scope, record: LayerVersionRecord): GetLayerVersionResponse {
  return {
    Content: {
      Location: codeLocation(ctx, scope, record.blob, `${record.layerName}-${record.version}`),
      CodeSha256: record.codeSha256,
      CodeSize: record.codeSize,
    },
    LayerArn: layerArn(scope, record.layerName),
    ...listItem(scope, record),
  };
}

function listItem(scope: Scope, record: LayerVersionRecord): LayerVersionsListItem {
  return {
    LayerVersionArn: `${layerArn(scope, record.layerName)}:${record.version}`,
    Version: record.version,
    Description: record.description,
    CreatedDate: record.createdDate,
    ...(record.compatibleRuntimes.length
      ? { CompatibleRuntimes: [...record.compatibleRuntimes] as LayerVersionsListItem['CompatibleRuntimes'] }
      : {}),
    ...(record.compatibleArchitectures.length
      ? {
          CompatibleArchitectures: [
            ...record.compatibleArchitectures,
          ] as LayerVersionsListItem['CompatibleArchitectures'],
        }
      : {}),
    ...(record.licenseInfo !== undefined ? { LicenseInfo: record.licenseInfo } : {}),
  };
}

export function getLayer(ctx: CallContext, ref: LayerRef): LayerVersionRecord {
  const found = ctx.state.get(layerVersions, ref, layerId(ref.name, ref.version));
  if (!found) throw notFound('The resource you requested does not exist.');
  return found;
}

export const PublishLayerVersion = operation<PublishLayerVersionCommandInput, PublishLayerVersionCommandOutput>({
  access: (ctx, input) => ({
    action: 'lambda:PublishLayerVersion',
    resource: layerArn(ctx, layerTarget(ctx, input.LayerName!, 0).name),
  }),
  async run(ctx, input) {
    const { name } = layerTarget(ctx, input.LayerName!, 0);
    const unknown = input.CompatibleRuntimes?.find((runtime) => runtimeState(runtime, ctx.now) === undefined);
    if (unknown !== undefined)
      throw invalidParameter(`Value ${unknown} at 'compatibleRuntimes' is not a known runtime.`);
    if ((input.CompatibleRuntimes?.length ?? 0) > 15)
      throw invalidParameter('Number of compatible runtimes cannot be greater than 15.');
    const code = await storeCode(ctx, input.Content!);
    const version = (ctx.state.get(layerCounters, ctx, name)?.last ?? 0) + 1;
    const record: LayerVersionRecord = {
      layerName: name,
      version,
      description: input.Description ?? '',
      ...(input.LicenseInfo !== undefined ? { licenseInfo: input.LicenseInfo } : {}),
      createdDate: lambdaTime(ctx.now),
      compatibleRuntimes: [...(input.CompatibleRuntimes ?? [])],
      compatibleArchitectures: [...(input.CompatibleArchitectures ?? [])],
      blob: code.blob,
      codeSha256: code.sha256,
      codeSize: code.size,
    };
    ctx.state.put(layerVersions, ctx, layerId(name, version), record);
    ctx.state.put(layerCounters, ctx, name, { last: version });
    return describe(ctx, ctx, record);
  },
});

export const GetLayerVersion = operation<GetLayerVersionCommandInput, GetLayerVersionCommandOutput>({
  access: (ctx, input) => layerAccess(ctx, 'GetLayerVersion', layerTarget(ctx, input.LayerName!, input.VersionNumber!)),
  run(ctx, input) {
    const ref = layerTarget(ctx, input.LayerName!, input.VersionNumber!);
    return describe(ctx, ref, getLayer(ctx, ref));
  },
});

function byArn(arn: string): LayerRef {
  const ref = parseLayerVersionArn(arn);
  if (!ref) throw invalidParameter(`Invalid layer version ARN: ${arn.slice(0, 200)}`);
  return ref;
}

export const GetLayerVersionByArn = operation<GetLayerVersionByArnCommandInput, GetLayerVersionByArnCommandOutput>({
  access: (ctx, input) => layerAccess(ctx, 'GetLayerVersion', byArn(input.Arn!)),
  run(ctx, input) {
    const ref = byArn(input.Arn!);
    return describe(ctx, ref, getLayer(ctx, ref));
  },
});

export const DeleteLayerVersion = operation<DeleteLayerVersionCommandInput, DeleteLayerVersionCommandOutput>({
  access: (ctx, input) =>
    layerAccess(ctx, 'DeleteLayerVersion', layerTarget(ctx, input.LayerName!, input.VersionNumber!)),
  run(ctx, input) {
    const ref = layerTarget(ctx, input.LayerName!, input.VersionNumber!);
    // AWS answers 204 for a version that is not there, too. Functions that use it keep it.
    ctx.state.delete(layerVersions, ref, layerId(ref.name, ref.version));
    return {};
  },
});

interface LayerFilter {
  CompatibleRuntime?: string | undefined;
  CompatibleArchitecture?: string | undefined;
}

const fits = (record: LayerVersionRecord, filter: LayerFilter): boolean =>
  (!filter.CompatibleRuntime || record.compatibleRuntimes.includes(filter.CompatibleRuntime)) &&
  (!filter.CompatibleArchitecture || record.compatibleArchitectures.includes(filter.CompatibleArchitecture));

export const ListLayerVersions = operation<ListLayerVersionsCommandInput, ListLayerVersionsCommandOutput>({
  access: () => ({ action: 'lambda:ListLayerVersions', resource: '*' }),
  run(ctx, input) {
    const { name } = layerTarget(ctx, input.LayerName!, 0);
    const newestFirst = ctx.state
      .list(layerVersions, ctx)
      .map(({ value }) => value)
      .filter((record) => record.layerName === name && fits(record, input))
      .sort((a, b) => b.version - a.version);
    const order = ({ version }: LayerVersionRecord): string => String(99_999_999 - version).padStart(8, '0');
    const { page, next } = paginate(newestFirst, order, {
      token: input.Marker,
      limit: input.MaxItems,
      max: 50,
      invalid: badMarker,
    });
    return { LayerVersions: page.map((record) => listItem(ctx, record)), ...(next ? { NextMarker: next } : {}) };
  },
});

export const ListLayers = operation<ListLayersCommandInput, ListLayersCommandOutput>({
  access: () => ({ action: 'lambda:ListLayers', resource: '*' }),
  run(ctx, input) {
    // Later versions overwrite earlier ones: ids are ordered by number.
    const latest = new Map<string, LayerVersionRecord>();
    for (const { value } of ctx.state.list(layerVersions, ctx))
      if (fits(value, input)) latest.set(value.layerName, value);
    const all = [...latest.values()].sort((a, b) => (a.layerName < b.layerName ? -1 : 1));
    const { page, next } = paginate(all, ({ layerName }) => layerName, {
      token: input.Marker,
      limit: input.MaxItems,
      max: 50,
      invalid: badMarker,
    });
    return {
      Layers: page.map((record) => ({
        LayerName: record.layerName,
        LayerArn: layerArn(ctx, record.layerName),
        LatestMatchingVersion: listItem(ctx, record),
      })),
      ...(next ? { NextMarker: next } : {}),
    };
  },
});
