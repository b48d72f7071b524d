import {
  type FunctionResponseType,
  LambdaClient,
  UpdateEventSourceMappingCommand,
  type UpdateEventSourceMappingCommandInput,
  UpdateFunctionCodeCommand,
} from '@aws-sdk/client-lambda';
import { SetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { policy, type Statement, type SubmissionContext } from '../../../server/kit.ts';
import { arnOf, urlOf } from '../queues.ts';

/** The account as a learner changes it: what more than one submission does. */

export const lambda = (ctx: SubmissionContext) => ctx.admin.client(LambdaClient);
export const sqs = (ctx: SubmissionContext) => ctx.admin.client(SQSClient);

export async function upload(ctx: SubmissionContext, code: string, file = 'index.mjs'): Promise<void> {
  const ZipFile = ctx.zip({ [file]: code });
  await lambda(ctx).send(new UpdateFunctionCodeCommand({ FunctionName: 'fulfil', ZipFile }));
}

export async function mapping(
  ctx: SubmissionContext,
  change: Omit<UpdateEventSourceMappingCommandInput, 'UUID'>,
): Promise<void> {
  await lambda(ctx).send(
    new UpdateEventSourceMappingCommand({ UUID: ctx.outputs['event source mapping']!, ...change }),
  );
}

const FunctionResponseTypes: FunctionResponseType[] = ['ReportBatchItemFailures'];

/** The mapping listens to what the function says of each message. */
export const partly = (ctx: SubmissionContext): Promise<void> => mapping(ctx, { FunctionResponseTypes });

/** Another policy for the queue; without a statement, none. */
export async function queuePolicy(ctx: SubmissionContext, ...statements: Statement[]): Promise<void> {
  const Policy = statements.length > 0 ? policy(...statements) : '';
  await sqs(ctx).send(
    new SetQueueAttributesCommand({ QueueUrl: urlOf(ctx, arnOf(ctx, 'orders')), Attributes: { Policy } }),
  );
}

export const webShop = (ctx: SubmissionContext): string => `arn:aws:iam::${ctx.account}:user/web-shop`;

/** Only the shop may send. */
export const shopOnly = (ctx: SubmissionContext): Statement => ({
  Effect: 'Allow',
  Principal: { AWS: webShop(ctx) },
  Action: 'sqs:SendMessage',
  Resource: arnOf(ctx, 'orders'),
});

/** The right fix but for its code. */
export async function withCode(ctx: SubmissionContext, code: string): Promise<void> {
  await queuePolicy(ctx);
  await partly(ctx);
  await upload(ctx, code);
}
