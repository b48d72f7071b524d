import { accounts, cloudScope } from '../../accounts.ts';
import type { CallContext } from '../../context.ts';
import { denied, invalidParameter } from './errors.ts';
import { isSecretsExtension, layerId, layerPolicy, layerVersions, parseLayerVersionArn } from './layer-records.ts';
import type { LayerUse } from './records.ts';

/** The layers of a function, in their order: each must exist and the caller must be allowed to get it. */
export function useLayers(ctx: CallContext, arns: readonly string[], before: readonly LayerUse[]): LayerUse[] {
  if (arns.length > 5) throw invalidParameter('Cannot reference more than 5 layers.');
  const seen = new Map<string, string>();
  return arns.map((arn) => {
    const ref = parseLayerVersionArn(arn);
    if (!ref) throw invalidParameter(`Invalid layer version ARN: ${arn.slice(0, 200)}`);
    const layer = `${ref.account}:${ref.name}`;
    if (seen.has(layer))
      throw invalidParameter(
        `Two different versions of the same layer are not allowed to be referenced in the same function. ${seen.get(layer)} and ${arn}`,
      );
    seen.set(layer, arn);
    if (ref.region !== ctx.region)
      throw invalidParameter(`Layers from '${ref.region}' are not reachable in this region ('${ctx.region}')`);
    const ours = ctx.state.get(accounts, cloudScope, ref.account) !== undefined;
    // The extension's layers belong to accounts of AWS that let everyone use them.
    if (!ours && isSecretsExtension(ref.name)) return { arn, codeSize: 11_000_000 };
    const record = ctx.state.get(layerVersions, ref, layerId(ref.name, ref.version));
    if (!ours)
      throw denied(
        `User: ${ctx.caller.principal.arn} is not authorized to perform: lambda:GetLayerVersion on resource: ${arn} because no resource-based policy allows the lambda:GetLayerVersion action`,
      );
    ctx.authorize({
      action: 'lambda:GetLayerVersion',
      resource: arn,
      resourceAccount: ref.account,
      resourcePolicy: layerPolicy(record),
    });
    // A function keeps a layer version that was deleted after it was attached.
    const kept = before.find((use) => use.arn === arn);
    if (!record && kept) return kept;
    if (!record) throw invalidParameter(`Layer version ${arn} does not exist.`);
    return { arn, codeSize: record.codeSize, blob: record.blob };
  });
}
