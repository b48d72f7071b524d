import { UpdateFunctionUrlConfigCommand } from '@aws-sdk/client-lambda';
import { putUserPolicy, type Submission, type SubmissionContext } from '../../../server/kit.ts';
import { maker } from '../report.ts';
import {
  behindHttpApi,
  behindRestApi,
  deleteUrl,
  dropPublic,
  lambda,
  lambdaArn,
  letAnalyst,
  onlyTheAnalyst,
  permit,
  publish,
  signedUrl,
  throughUrl,
  upload,
} from './account.ts';

const works = 'the-analyst-gets-the-report';
const strangers = 'strangers-get-no-report';
const outsiders = 'no-outsider-may-call';
const insiders = 'nobody-else-inside-may-call';
const pages = 'no-foreign-page-may-read';

/** The URL names the company's own pages, and is otherwise as it was. */
async function corsOfTheCompany(ctx: SubmissionContext): Promise<void> {
  await lambda(ctx).send(
    new UpdateFunctionUrlConfigCommand({
      FunctionName: maker,
      Cors: { AllowOrigins: ['https://kestrelway.example'] },
    }),
  );
}

/** Half-fixes, cosmetic fixes and over-fixes. */
export const nearMisses: Submission[] = [
  {
    name: 'secret-in-the-query',
    why: 'whoever finds the address finds its key with it, and the URL is open to everybody as before',
    fails: [strangers, outsiders, insiders, pages],
    async apply(ctx) {
      await upload(
        ctx,
        ctx
          .file('function/index.mjs')
          .replace(
            'async () => {',
            "async (event) => {\n  if (event.queryStringParameters?.key !== 'Winter-2026-margins') return { statusCode: 403 };",
          ),
      );
      await publish(ctx, `${ctx.outputs.address}?key=Winter-2026-margins`);
    },
  },
  {
    name: 'public-invoke-left',
    why: 'the URL is closed, and lambda:InvokeFunction is open to every AWS account without a condition',
    fails: [strangers, outsiders, insiders],
    async apply(ctx) {
      await onlyTheAnalyst(ctx);
      await permit(ctx, 'public', {});
    },
  },
  {
    name: 'any-account-by-url',
    why: 'AWS_IAM asks for a signature, and every AWS account can make one',
    fails: [strangers, outsiders, insiders],
    async apply(ctx) {
      await signedUrl(ctx);
      await permit(ctx, 'signed', { Action: 'lambda:InvokeFunctionUrl', FunctionUrlAuthType: 'AWS_IAM' });
    },
  },
  {
    name: 'cors-only',
    why: 'CORS tells browsers what pages may read; it stops nobody who asks without one',
    fails: [strangers, outsiders, insiders],
    apply: corsOfTheCompany,
  },
  {
    name: 'cors-left',
    why: 'every page in the world may still read what a browser of an analyst gets',
    fails: [pages],
    async apply(ctx) {
      await onlyTheAnalyst(ctx);
      await signedUrl(ctx, { AllowOrigins: ['*'], AllowMethods: ['GET'], AllowHeaders: ['*'] });
    },
  },
  {
    name: 'one-permission',
    why: 'since October 2025 a caller of a URL needs lambda:InvokeFunction too',
    fails: [works],
    async apply(ctx) {
      await signedUrl(ctx);
      await dropPublic(ctx);
      await letAnalyst(ctx, throughUrl(lambdaArn(ctx))[0]!);
    },
  },
  {
    name: 'url-deleted',
    why: 'over-fix: nobody gets the report any more',
    fails: [works],
    async apply(ctx) {
      await deleteUrl(ctx);
      await dropPublic(ctx);
    },
  },
  {
    name: 'users-instead-of-the-role',
    why: 'users of the account may call, the warehouse among them',
    fails: [insiders],
    async apply(ctx) {
      await onlyTheAnalyst(ctx);
      for (const user of ['mara', 'warehouse'])
        await putUserPolicy(ctx.admin, user, 'report', ...throughUrl(lambdaArn(ctx)));
    },
  },
  {
    name: 'origin-checked-in-the-code',
    why: 'the code believes a header that anybody can write',
    fails: [strangers, outsiders, insiders, works],
    async apply(ctx) {
      await upload(
        ctx,
        ctx
          .file('function/index.mjs')
          .replace(
            'async () => {',
            "async (event) => {\n  if (!event.headers?.origin?.endsWith('kestrelway.example')) return { statusCode: 403 };",
          ),
      );
      await corsOfTheCompany(ctx);
    },
  },
  {
    name: 'open-route',
    why: 'the URL is gone, and a route without authorisation stands in its place',
    fails: [strangers, insiders],
    apply: async (ctx) => void (await behindHttpApi(ctx, 'NONE')),
  },
  {
    name: 'api-key',
    why: 'an API key tells customers apart and is no authorisation; the tool sends none',
    fails: [works],
    apply: async (ctx) => void (await behindRestApi(ctx, { authorizationType: 'NONE', apiKeyRequired: true })),
  },
];
