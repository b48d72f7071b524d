import type {
  InvokeWithResponseStreamCommandInput,
  InvokeWithResponseStreamResponse,
  InvokeWithResponseStreamResponseEvent,
} from '@aws-sdk/client-lambda';
import { operation } from '../../context.ts';
import { responseHeaders } from '../../wire/response-headers.ts';
import { functionAccess, getVersion } from './find.ts';
import {
  checkMembers,
  checkRunnable,
  checkType,
  readClientContext,
  readPayload,
  runTarget,
  syncLimit,
} from './invoke.ts';
import { functionTarget } from './names.ts';
import { traceAnswer } from './trace.ts';

/** Of one event. */
const chunkBytes = 65_536;

interface Answer extends Omit<InvokeWithResponseStreamResponse, 'EventStream'> {
  EventStream?: InvokeWithResponseStreamResponseEvent[];
  [responseHeaders]?: Record<string, string>;
}

/**
 * As Invoke, with the answer as a stream of events; its right is lambda:InvokeFunction.
 * differs from AWS: the events come together when the function has ended.
 * Source: https://docs.aws.amazon.com/lambda/latest/api/API_InvokeWithResponseStream.html
 */
export const InvokeWithResponseStream = operation<
  Omit<InvokeWithResponseStreamCommandInput, 'Payload'> & { Payload?: Uint8Array },
  Answer & { $metadata: object }
>({
  access: (ctx, input) =>
    functionAccess(ctx, 'InvokeFunction', functionTarget(ctx, input.FunctionName!, input.Qualifier)),
  async run(ctx, input): Promise<Answer> {
    const target = functionTarget(ctx, input.FunctionName!, input.Qualifier);
    const type = checkType(input.InvocationType, ['DryRun', 'RequestResponse']);
    checkMembers(input);
    getVersion(ctx.state, target);
    if (type === 'DryRun') return { StatusCode: 204, EventStream: [] };
    const event = readPayload(input.Payload, syncLimit);
    const clientContext = readClientContext(input.ClientContext);
    checkRunnable(ctx.cloud);
    const { result, version, trace } = await runTarget(ctx, target, event, { clientContext, streaming: true });
    const events: InvokeWithResponseStreamResponseEvent[] = [];
    if (!result.functionError)
      for (let at = 0; at < result.payload.length; at += chunkBytes)
        events.push({ PayloadChunk: { Payload: result.payload.subarray(at, at + chunkBytes) } });
    events.push({
      InvokeComplete: {
        ...(result.functionError ? { ErrorCode: result.functionError, ErrorDetails: result.payload.toString() } : {}),
        ...(input.LogType === 'Tail' ? { LogResult: Buffer.from(result.logTail).toString('base64') } : {}),
      },
    });
    return {
      StatusCode: 200,
      ExecutedVersion: version.version,
      ResponseStreamContentType: 'application/vnd.amazon.eventstream',
      EventStream: events,
      [responseHeaders]: { 'X-Amzn-Trace-Id': traceAnswer(trace) },
    };
  },
});
