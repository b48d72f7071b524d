import { serviceCaller } from '../cloud/cloud.ts';
import type { Access } from '../cloud/context.ts';
import type { Decision } from '../cloud/policy/types.ts';
import type { CheckContext } from './check-context.ts';
import { decidedBy } from './deciders.ts';

/** What the policies say to an AWS service that calls for somebody's resource, such as SNS for a topic. Becomes evidence. */
export function probeService(
  ctx: CheckContext,
  source: { service: string; arn?: string; account?: string },
  service: string,
  operation: string,
  input: object,
  owner: string = ctx.account().id,
): Decision & { access: Access } {
  const decision = ctx.cloud.probe(
    serviceCaller(source.service, source.arn, source.account),
    service,
    operation,
    input,
    { account: owner },
  );
  ctx.evidence.push({
    title: `${operation} on ${decision.access.resource}`,
    as: `${source.service} for ${source.arn ?? 'no source'}`,
    command: `${decision.access.action} on ${decision.access.resource}`,
    outcome: decision.decision === 'allowed' ? 'succeeded' : 'denied',
    detail: decision.because,
    decidedBy: decidedBy(decision.by),
  });
  return decision;
}
