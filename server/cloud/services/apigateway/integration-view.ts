import type { Integration, IntegrationResponse } from '@aws-sdk/client-api-gateway';
import type { IntegrationRecord, IntegrationResponseRecord } from './records.ts';
import { shown } from './shared.ts';

/** An integration response as AWS shows it. */
export const describeResponse = (statusCode: string, record: IntegrationResponseRecord): IntegrationResponse =>
  shown<IntegrationResponse>({
    statusCode,
    selectionPattern: record.selectionPattern,
    responseParameters: { ...record.responseParameters },
    responseTemplates: { ...record.responseTemplates },
  });

/** An integration as AWS shows it. */
export const describeIntegration = (record: IntegrationRecord): Integration => ({
  ...shown<Integration>({
    type: record.type,
    httpMethod: record.httpMethod,
    uri: record.uri,
    credentials: record.credentials,
    requestParameters: { ...record.requestParameters },
    requestTemplates: { ...record.requestTemplates },
    passthroughBehavior: record.passthroughBehavior,
    timeoutInMillis: record.timeoutMs,
    cacheNamespace: record.cacheNamespace,
    integrationResponses: Object.fromEntries(
      Object.entries(record.responses).map(([status, response]) => [status, describeResponse(status, response)]),
    ),
    ...(record.type === 'MOCK'
      ? {}
      : { connectionType: 'INTERNET' as const, responseTransferMode: 'BUFFERED' as const }),
  }),
  cacheKeyParameters: [...record.cacheKeyParameters],
});
