import type { Caller, CallSource, Hops } from './context.ts';

/** A caller that is an AWS service acting for a resource: `sns.amazonaws.com` for a topic, say. */
export function serviceCaller(
  service: string,
  sourceArn: string | undefined,
  sourceAccount: string | undefined,
  hops?: Hops,
): Caller {
  return {
    principal: { type: 'service', account: '', arn: service, service },
    context: {
      ...(sourceArn ? { 'aws:SourceArn': sourceArn } : {}),
      ...(sourceAccount ? { 'aws:SourceAccount': sourceAccount } : {}),
    },
    source: { ip: service, userAgent: service, ...(hops ? { hops } : {}) },
  };
}

/** Nobody in particular: an unsigned request. */
export function anonymousCaller(source: CallSource): Caller {
  return { principal: { type: 'anonymous', account: '', arn: '*' }, context: {}, source };
}
