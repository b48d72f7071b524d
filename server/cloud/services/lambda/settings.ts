import type {
  GetAccountSettingsCommandInput,
  GetAccountSettingsCommandOutput,
  GetFunctionRecursionConfigCommandInput,
  GetFunctionRecursionConfigCommandOutput,
  PutFunctionRecursionConfigCommandInput,
  PutFunctionRecursionConfigCommandOutput,
} from '@aws-sdk/client-lambda';
import { operation } from '../../context.ts';
import { MAX_UNZIPPED_BYTES } from '../../runtime/zip.ts';
import { accountConcurrency } from './execute.ts';
import { functionAccess, getFunction } from './find.ts';
import { functionTarget } from './names.ts';
import { functions, versions } from './records.ts';

export const GetAccountSettings = operation<GetAccountSettingsCommandInput, GetAccountSettingsCommandOutput>({
  access: () => ({ action: 'lambda:GetAccountSettings', resource: '*' }),
  run(ctx) {
    const all = ctx.state.list(functions, ctx).map(({ value }) => value);
    const published = ctx.state.list(versions, ctx).map(({ value }) => value);
    const code = new Map([...all.map(({ latest }) => latest), ...published].map((v) => [v.codeBlob, v.codeSize]));
    const reserved = all.reduce((sum, { reservedConcurrency = 0 }) => sum + reservedConcurrency, 0);
    return {
      AccountLimit: {
        TotalCodeSize: 80_530_636_800,
        CodeSizeUnzipped: MAX_UNZIPPED_BYTES,
        CodeSizeZipped: 52_428_800,
        ConcurrentExecutions: accountConcurrency,
        UnreservedConcurrentExecutions: accountConcurrency - reserved,
      },
      AccountUsage: {
        TotalCodeSize: [...code.values()].reduce((sum, size) => sum + size, 0),
        FunctionCount: all.length,
      },
    };
  },
});

export const PutFunctionRecursionConfig = operation<
  PutFunctionRecursionConfigCommandInput,
  PutFunctionRecursionConfigCommandOutput
>({
  access: (ctx, input) => functionAccess(ctx, 'PutFunctionRecursionConfig', functionTarget(ctx, input.FunctionName!)),
  run(ctx, input) {
    const target = functionTarget(ctx, input.FunctionName!);
    const fn = getFunction(ctx.state, target);
    const recursiveLoop = input.RecursiveLoop!;
    ctx.state.put(functions, target, target.name, { ...fn, recursiveLoop });
    return { RecursiveLoop: recursiveLoop };
  },
});

export const GetFunctionRecursionConfig = operation<
  GetFunctionRecursionConfigCommandInput,
  GetFunctionRecursionConfigCommandOutput
>({
  access: (ctx, input) => functionAccess(ctx, 'GetFunctionRecursionConfig', functionTarget(ctx, input.FunctionName!)),
  run: (ctx, input) => ({
    RecursiveLoop: getFunction(ctx.state, functionTarget(ctx, input.FunctionName!)).recursiveLoop,
  }),
});
