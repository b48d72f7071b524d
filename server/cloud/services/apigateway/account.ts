import type {
  Account,
  GetAccountCommandInput,
  GetAccountCommandOutput,
  UpdateAccountCommandInput,
  UpdateAccountCommandOutput,
} from '@aws-sdk/client-api-gateway';
import { type CallContext, operation } from '../../context.ts';
import { passRole, roleForService } from '../iam/service-roles.ts';
import { patched } from './patch.ts';
import { type AccountSettingsRecord, accountSettings } from './records.ts';
import { badRequest, restAccess } from './shared.ts';

const describe = (record: AccountSettingsRecord | undefined): Account => ({
  ...(record?.cloudwatchRoleArn ? { cloudwatchRoleArn: record.cloudwatchRoleArn } : {}),
  throttleSettings: { burstLimit: 5000, rateLimit: 10_000 },
  features: ['UsagePlans'],
  apiKeyVersion: '4',
});

export const GetAccount = operation<GetAccountCommandInput, GetAccountCommandOutput>({
  access: (ctx) => restAccess(ctx, 'GET', '/account'),
  run: (ctx) => describe(ctx.state.get(accountSettings, ctx, 'account')),
});

/** The role that logs are written with must trust API Gateway. */
function logRole(ctx: CallContext, roleArn: string): AccountSettingsRecord {
  if (roleArn === '') return {};
  passRole(ctx, roleArn, 'apigateway.amazonaws.com');
  roleForService(ctx, roleArn, 'apigateway.amazonaws.com', {
    error: () =>
      badRequest(
        'The role ARN does not have required permissions configured. Please grant trust permission for API Gateway and add the required role policy.',
      ),
  });
  return { cloudwatchRoleArn: roleArn };
}

export const UpdateAccount = operation<UpdateAccountCommandInput, UpdateAccountCommandOutput>({
  access: (ctx) => restAccess(ctx, 'PATCH', '/account'),
  run(ctx, input) {
    const record = patched<AccountSettingsRecord>(
      ctx.state.get(accountSettings, ctx, 'account') ?? {},
      input.patchOperations,
      {
        '/cloudwatchRoleArn': { replace: (_old, roleArn) => logRole(ctx, roleArn), remove: () => ({}) },
        '/features': { add: (old) => old, replace: (old) => old },
      },
    );
    ctx.state.put(accountSettings, ctx, 'account', record);
    return describe(record);
  },
});
