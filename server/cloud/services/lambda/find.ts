import type { Access, CallContext, ConditionContext } from '../../context.ts';
import type { NamedPolicy } from '../../policy/types.ts';
import { uuid } from '../../random.ts';
import type { StateReader } from '../../state/account-state.ts';
import { resourceTagContext } from '../../tags.ts';
import { notFound } from './errors.ts';
import type { Target } from './names.ts';
import {
  type AliasRecord,
  aliases,
  type FunctionRecord,
  functionPolicies,
  functions,
  type VersionRecord,
  versions,
} from './records.ts';

/** As AWS writes LastModified of functions. */
export const lambdaTime = (now: number): string => new Date(now).toISOString().replace('Z', '+0000');
export const newRevision = (ctx: CallContext): string => uuid(ctx.cloud.random);

export function getFunction(state: StateReader, target: Target): FunctionRecord {
  const found = state.get(functions, target, target.name);
  if (!found) throw notFound(`Function not found: ${target.arn}`);
  return found;
}

export function findAlias(state: StateReader, target: Target, alias: string): AliasRecord | undefined {
  return state.get(aliases, target, `${target.name}:${alias}`);
}

/** A version by number or `$LATEST`; undefined when it is not there. */
export function findVersion(state: StateReader, target: Target, version: string): VersionRecord | undefined {
  if (version === '$LATEST') return state.get(functions, target, target.name)?.latest;
  return state.get(versions, target, `${target.name}:${version}`);
}

/** What a target names: the function and the version behind its qualifier (an alias's main version). */
export function getVersion(
  state: StateReader,
  target: Target,
): { fn: FunctionRecord; version: VersionRecord; alias?: AliasRecord } {
  const fn = getFunction(state, target);
  if (target.qualifier === undefined) return { fn, version: fn.latest };
  const alias = findAlias(state, target, target.qualifier);
  const version = findVersion(state, target, alias?.version ?? target.qualifier);
  if (!version) throw notFound(`Function not found: ${target.arn}`);
  return { fn, version, ...(alias ? { alias } : {}) };
}

/** The policy that belongs to what the target names: each version and alias has its own. */
export function policyOf(state: StateReader, target: Target): NamedPolicy[] {
  const qualified = target.qualifier !== undefined && target.qualifier !== '$LATEST';
  const record = state.get(functionPolicies, target, qualified ? `${target.name}:${target.qualifier}` : target.name);
  const name = `resource policy of ${target.name}${qualified ? `:${target.qualifier}` : ''}`;
  return record ? [{ name, document: record.document }] : [];
}

/** One access to a function, with its tags and its own policy. */
export function functionAccess(
  ctx: Pick<CallContext, 'state'>,
  action: string,
  target: Target,
  context: ConditionContext = {},
): Access {
  const tags = ctx.state.get(functions, target, target.name)?.tags;
  return {
    action: `lambda:${action}`,
    resource: target.arn,
    resourceAccount: target.account,
    resourcePolicy: policyOf(ctx.state, target),
    context: { ...resourceTagContext(tags), ...context },
  };
}
