import * as Lambda from '@aws-sdk/client-lambda';
import type { Writer } from './step.ts';

/** What decides when and how often a function runs. */
export async function writeBehaviour(
  { client, step }: Writer,
  arns: { queue: string; letters: string },
): Promise<void> {
  const lambda = client(Lambda.LambdaClient);
  const FunctionName = 'full';
  await step('PutFunctionConcurrency', () =>
    lambda.send(new Lambda.PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 5 })),
  );
  await step('PutFunctionConcurrency small', () =>
    lambda.send(new Lambda.PutFunctionConcurrencyCommand({ FunctionName: 'small', ReservedConcurrentExecutions: 0 })),
  );
  await step('PutProvisionedConcurrencyConfig', () =>
    lambda.send(
      new Lambda.PutProvisionedConcurrencyConfigCommand({
        FunctionName,
        Qualifier: 'old',
        ProvisionedConcurrentExecutions: 2,
      }),
    ),
  );
  await step('CreateFunctionUrlConfig', () =>
    lambda.send(
      new Lambda.CreateFunctionUrlConfigCommand({
        FunctionName,
        AuthType: 'NONE',
        Cors: {
          AllowCredentials: true,
          AllowHeaders: ['authorization'],
          AllowMethods: ['GET', 'POST'],
          AllowOrigins: ['https://shop.example'],
          ExposeHeaders: ['x-total'],
          MaxAge: 600,
        },
      }),
    ),
  );
  await step('CreateFunctionUrlConfig live', () =>
    lambda.send(
      new Lambda.CreateFunctionUrlConfigCommand({
        FunctionName,
        Qualifier: 'live',
        AuthType: 'AWS_IAM',
        InvokeMode: 'RESPONSE_STREAM',
      }),
    ),
  );
  await step('PutFunctionEventInvokeConfig', () =>
    lambda.send(
      new Lambda.PutFunctionEventInvokeConfigCommand({
        FunctionName,
        MaximumRetryAttempts: 0,
        MaximumEventAgeInSeconds: 120,
        DestinationConfig: { OnSuccess: { Destination: arns.queue }, OnFailure: { Destination: arns.letters } },
      }),
    ),
  );
  await step('PutFunctionEventInvokeConfig live', () =>
    lambda.send(
      new Lambda.PutFunctionEventInvokeConfigCommand({ FunctionName, Qualifier: 'live', MaximumRetryAttempts: 1 }),
    ),
  );
  await step('CreateEventSourceMapping', () =>
    lambda.send(
      new Lambda.CreateEventSourceMappingCommand({
        FunctionName: 'full:live',
        EventSourceArn: arns.queue,
        Enabled: false,
        BatchSize: 25,
        MaximumBatchingWindowInSeconds: 3,
        FilterCriteria: { Filters: [{ Pattern: '{"body":{"kind":["order"]}}' }] },
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        ScalingConfig: { MaximumConcurrency: 4 },
        Tags: { team: 'orders' },
      }),
    ),
  );
  await step('PutFunctionRecursionConfig', () =>
    lambda.send(new Lambda.PutFunctionRecursionConfigCommand({ FunctionName, RecursiveLoop: 'Allow' })),
  );
  await step('PutRuntimeManagementConfig', () =>
    lambda.send(
      new Lambda.PutRuntimeManagementConfigCommand({
        FunctionName,
        UpdateRuntimeOn: 'FunctionUpdate',
      }),
    ),
  );
}
