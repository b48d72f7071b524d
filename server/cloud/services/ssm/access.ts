import type { Access, CallContext, ConditionContext } from '../../context.ts';
import { resourceTagContext } from '../../tags.ts';
import { findParameter, type Named, parameterArn } from './store.ts';

/** The question for an operation on a parameter, whether it exists or not. */
export function parameterAccess(
  ctx: CallContext,
  action: string,
  named: Named,
  context: ConditionContext = {},
): Access {
  const tags = findParameter(ctx.state, named)?.tags;
  return {
    action: `ssm:${action}`,
    resource: parameterArn(named.scope, named.name),
    resourceAccount: named.scope.account,
    context: {
      ...resourceTagContext(tags),
      ...Object.fromEntries(Object.entries(tags ?? {}).map(([key, value]) => [`ssm:resourceTag/${key}`, value])),
      ...context,
    },
  };
}
