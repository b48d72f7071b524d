import type { Access, ConditionContext } from '../../context.ts';
import type { Scope } from '../../state/table.ts';
import { requestTagContext, resourceTagContext, type Tags } from '../../tags.ts';
import { rdsArn } from './tables.ts';

/** Questions to the policies. Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonrds.html */
export function rdsAccess(
  scope: Scope,
  action: string,
  type: 'cluster' | 'db' | 'subgrp',
  id: string | undefined,
  tags: { has?: Tags | undefined; given?: Tags | undefined } = {},
  context: ConditionContext = {},
): Access {
  const name = type === 'subgrp' ? 'subgrp-tag' : `${type}-tag`;
  return {
    action: `rds:${action}`,
    resource: id?.startsWith('arn:') ? id : rdsArn(scope, type, id?.toLowerCase() ?? '*'),
    context: {
      ...resourceTagContext(tags.has),
      ...Object.fromEntries(Object.entries(tags.has ?? {}).map(([key, value]) => [`rds:${name}/${key}`, value])),
      ...requestTagContext(tags.given),
      ...Object.fromEntries(Object.entries(tags.given ?? {}).map(([key, value]) => [`rds:req-tag/${key}`, value])),
      ...context,
    },
  };
}
