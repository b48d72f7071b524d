import {
  LambdaClient,
  ListAliasesCommand,
  ListFunctionUrlConfigsCommand,
  ListVersionsByFunctionCommand,
} from '@aws-sdk/client-lambda';
import type { CheckContext } from './check-context.ts';
import { functionsOf } from './follow.ts';

/** One way to call a function, as a question to the policies. */
export interface FunctionDoor {
  /** `payout`, `payout:live`, `the URL of payout` */
  name: string;
  /** Both without qualifier. */
  functionName: string;
  functionArn: string;
  operation: 'Invoke' | 'InvokeFunctionUrl';
  input: object;
  /** Of a URL: with `NONE`, everybody is nobody in particular, whoever signs. */
  authType?: string;
}

/** The learner's functions by name, with all their versions and aliases, and their URLs. */
export async function functionDoors(ctx: CheckContext): Promise<FunctionDoor[]> {
  const lambda = ctx.admin().client(LambdaClient);
  const doors: FunctionDoor[] = [];
  for (const arn of new Set((await functionsOf(ctx)).map((found) => found.arn.split(':').slice(0, 7).join(':')))) {
    const functionName = arn.split(':')[6]!;
    const { Versions } = await lambda.send(new ListVersionsByFunctionCommand({ FunctionName: arn }));
    const { Aliases } = await lambda.send(new ListAliasesCommand({ FunctionName: arn }));
    for (const Qualifier of [
      undefined,
      ...(Versions ?? []).map(({ Version }) => Version!),
      ...(Aliases ?? []).map(({ Name }) => Name!),
    ])
      doors.push({
        name: Qualifier === undefined ? functionName : `${functionName}:${Qualifier}`,
        functionName,
        functionArn: arn,
        operation: 'Invoke',
        input: { FunctionName: arn, ...(Qualifier === undefined ? {} : { Qualifier }) },
      });
    const { FunctionUrlConfigs } = await lambda.send(new ListFunctionUrlConfigsCommand({ FunctionName: arn }));
    for (const { FunctionArn, AuthType } of FunctionUrlConfigs ?? [])
      doors.push({
        name: `the URL of ${FunctionArn!.split(':').slice(6).join(':')}`,
        functionName,
        functionArn: arn,
        operation: 'InvokeFunctionUrl',
        input: { FunctionName: FunctionArn, AuthType },
        authType: AuthType!,
      });
  }
  return doors;
}
