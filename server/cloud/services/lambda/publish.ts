import type { CallContext } from '../../context.ts';
import { getFunction, lambdaTime, newRevision } from './find.ts';
import type { Target } from './names.ts';
import { functions, type VersionRecord, versions } from './records.ts';
import { runningVersion } from './runtime-versions.ts';

/**
 * Makes a version of `$LATEST`. Where code and configuration are those of the last version, that one is the answer and
 * nothing is made. Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-versions.html
 */
export function publish(ctx: CallContext, target: Target, options: { description?: string }): VersionRecord {
  const fn = getFunction(ctx.state, target);
  const last = ctx.state.get(versions, target, `${target.name}:${fn.nextVersion - 1}`);
  if (last && content(last) === content(fn.latest)) return last;
  const version: VersionRecord = {
    ...fn.latest,
    version: String(fn.nextVersion),
    runtimeVersion: runningVersion(fn.latest, target.region, ctx.now).name,
    description: options.description ?? fn.latest.description,
    lastModified: lambdaTime(ctx.now),
    revisionId: newRevision(ctx),
  };
  ctx.state.put(versions, target, `${target.name}:${version.version}`, version);
  // Publishing gives $LATEST a new revision too, as AWS does.
  const latest = { ...fn.latest, revisionId: newRevision(ctx) };
  ctx.state.put(functions, target, target.name, { ...fn, latest, nextVersion: fn.nextVersion + 1 });
  return version;
}

function content(version: VersionRecord): string {
  const { version: _v, description: _d, lastModified: _m, revisionId: _r, environment, ...more } = version;
  const { runtimeVersion: _p, runtimeManagement: _a, ...rest } = more;
  const ordered = Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([ordered, environment?.variables]);
}
