import type { GetDomainNamesCommandInput, GetDomainNamesCommandOutput } from '@aws-sdk/client-api-gateway';
import { operation } from '../../context.ts';
import { pageOf, restAccess } from './shared.ts';

/** https://docs.aws.amazon.com/apigateway/latest/api/API_GetDomainNames.html: none, as none can be made. */
export const GetDomainNames = operation<GetDomainNamesCommandInput, GetDomainNamesCommandOutput>({
  access: (ctx) => restAccess(ctx, 'GET', '/domainnames'),
  run: (_ctx, input) => ({ items: pageOf<never>([], () => '', input).page }),
});
