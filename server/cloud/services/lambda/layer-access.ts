import type { Access, CallContext } from '../../context.ts';
import { validation } from './errors.ts';
import { type LayerRef, layerArn, layerId, layerPolicy, layerVersions } from './layer-records.ts';

const nameRule =
  'Member must satisfy regular expression pattern: (arn:[a-zA-Z0-9-]+:lambda:[a-zA-Z0-9-]+:\\d{12}:layer:[a-zA-Z0-9-_]+)|[a-zA-Z0-9-_]+';

/** LayerName is a name or the layer's ARN. */
export function layerTarget(ctx: CallContext, layerName: string, version: number): LayerRef {
  const match =
    layerName.length <= 256
      ? /^(?:arn:aws:lambda:([a-z]{2}(?:-gov)?-[a-z]+-\d):(\d{12}):layer:)?([a-zA-Z0-9_-]{1,140})$/.exec(layerName)
      : null;
  if (!match) throw validation(layerName, 'layerName', nameRule);
  const scope = { region: match[1] ?? ctx.region, account: match[2] ?? ctx.account };
  const name = match[3]!;
  return { ...scope, name, version, arn: `${layerArn(scope, name)}:${version}` };
}

/** One access to a layer version, with its own policy. */
export function layerAccess(ctx: CallContext, action: string, ref: LayerRef): Access {
  const record = ctx.state.get(layerVersions, ref, layerId(ref.name, ref.version));
  return {
    action: `lambda:${action}`,
    resource: ref.arn,
    resourceAccount: ref.account,
    resourcePolicy: layerPolicy(record),
  };
}
