import type { EndpointResponse } from '../context.ts';
import type { Dialect } from './protocol.ts';
import type { WireService } from './services.ts';

/** The answer of the query protocols; EC2's carries a declaration. */
export function xmlResponse(status: number, xml: string, requestId: string, dialect: Dialect): EndpointResponse {
  return {
    status,
    headers: {
      'content-type': dialect === 'ec2' ? 'text/xml;charset=UTF-8' : 'text/xml',
      'x-amzn-requestid': requestId,
    },
    body: Buffer.from(dialect === 'ec2' ? `<?xml version="1.0" encoding="UTF-8"?>\n${xml}` : xml),
  };
}

/** SQS, which has moved on, keeps the namespace of its old form. */
export const queryNamespace = (service: WireService): string =>
  service.xmlNamespace ?? 'http://queue.amazonaws.com/doc/2012-11-05/';
