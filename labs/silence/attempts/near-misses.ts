import { DetachRolePolicyCommand, IAMClient } from '@aws-sdk/client-iam';
import {
  PutFunctionConcurrencyCommand,
  PutFunctionRecursionConfigCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { CreateQueueCommand } from '@aws-sdk/client-sqs';
import type { Submission, SubmissionContext } from '../../../server/kit.ts';
import {
  keepLogs,
  lambda,
  mapping,
  mayTellOnCall,
  onFailure,
  otherwise,
  own,
  parts,
  redrive,
  sqs,
  triggeredBy,
  upload,
} from './account.ts';
import { alertWith, failing, failingAtTheEnd, partial, throwing, tidyWith } from './code.ts';

const tidied = 'files-are-tidied';
const hidden = 'a-bad-message-hides-no-alarm';
const lost = 'no-alarm-is-lost';
const files = 'failed-files-are-found';
const output = 'output-starts-nothing';
const kept = 'logs-are-kept-and-end';

/** The part of `alert` with other code, a redrive policy, and a mapping that does not listen. */
const alertAs =
  (handler: string) =>
  async (ctx: SubmissionContext): Promise<void> => {
    await upload(ctx, 'alert', alertWith(ctx, handler));
    await redrive(ctx);
  };

const listening = async (ctx: SubmissionContext): Promise<void> => {
  await upload(ctx, 'alert', alertWith(ctx, partial));
  await mapping(ctx, { FunctionResponseTypes: ['ReportBatchItemFailures'] });
};

/** Half-fixes, cosmetic fixes and over-fixes. */
export const nearMisses: Submission[] = [
  {
    name: 'retention-only',
    why: 'the logs end, which a scanner asked for; there is still nothing in them, and everything is lost as before',
    fails: [hidden, lost, files, output],
    apply: (ctx) => keepLogs(ctx),
  },
  {
    name: 'dead-letter-queue-of-the-function',
    why: 'alert has a dead-letter queue, which is for asynchronous calls: what comes of SQS needs a redrive policy of the queue',
    fails: [lost],
    apply: otherwise('alert', async (ctx) => {
      await listening(ctx);
      await mayTellOnCall(ctx, 'alert-role');
      await lambda(ctx).send(
        new UpdateFunctionConfigurationCommand({
          FunctionName: 'alert',
          DeadLetterConfig: { TargetArn: own(ctx, 'sqs', 'attention') },
        }),
      );
    }),
  },
  {
    name: 'without-the-key',
    why: 'the role of tidy may send to attention, and may not use its key: Lambda takes the destination, and loses each record',
    fails: [files],
    apply: otherwise('tidy', async (ctx) => {
      await mayTellOnCall(ctx, 'tidy-role', false);
      await upload(ctx, 'tidy', tidyWith(ctx, throwing));
      await onFailure(ctx);
    }),
  },
  {
    name: 'destination-for-what-is-swallowed',
    why: 'tidy has a destination for failures, and its code still has none: a caught error is a success',
    fails: [files],
    apply: otherwise('tidy', async (ctx) => {
      await mayTellOnCall(ctx, 'tidy-role');
      await onFailure(ctx);
    }),
  },
  {
    name: 'logged-not-thrown',
    why: 'tidy writes its errors to the log, where nobody looks, and the run is a success for Lambda',
    fails: [files],
    apply: otherwise('tidy', async (ctx) => {
      await mayTellOnCall(ctx, 'tidy-role');
      await upload(ctx, 'tidy', tidyWith(ctx, [throwing[0], throwing[1].replace('      throw error;\n', '')]));
      await onFailure(ctx);
    }),
  },
  {
    name: 'failures-told-to-nobody',
    why: 'alert reports what failed, and the mapping does not listen: all of the batch is deleted',
    fails: [lost],
    apply: otherwise('alert', alertAs(partial)),
  },
  {
    name: 'throws-on-the-first',
    why: 'one bad message fails its whole batch: alarms behind it are never paged, those before it again and again',
    fails: [hidden, lost],
    apply: otherwise('alert', alertAs(failing)),
  },
  {
    name: 'throws-at-the-end',
    why: 'all alarms of the batch are paged, and once more with each retry',
    fails: [hidden, lost],
    apply: otherwise('alert', alertAs(failingAtTheEnd)),
  },
  {
    name: 'no-redrive',
    why: 'failures are told for each message, and come back for four days, until SQS forgets them; on-call never sees one',
    fails: [lost],
    apply: otherwise('alert', listening),
  },
  {
    name: 'dead-at-once',
    why: 'one receive is all that a message has: when the pager is busy for a moment, the alarm is not paged any more',
    fails: [lost],
    apply: otherwise('alert', async (ctx) => {
      await listening(ctx);
      await redrive(ctx, 1);
    }),
  },
  {
    name: 'dead-letters-elsewhere',
    why: 'a new dead-letter queue, which nobody reads',
    fails: [lost],
    apply: otherwise('alert', async (ctx) => {
      await listening(ctx);
      await sqs(ctx).send(new CreateQueueCommand({ QueueName: 'alarms-dead' }));
      await redrive(ctx, 3, 'alarms-dead');
    }),
  },
  {
    name: 'concurrency-zero',
    why: 'over-fix: the loop ends because tidy does not run at all',
    fails: [tidied],
    apply: otherwise('trigger', async (ctx) => {
      await lambda(ctx).send(
        new PutFunctionConcurrencyCommand({ FunctionName: 'tidy', ReservedConcurrentExecutions: 0 }),
      );
    }),
  },
  {
    name: 'left-to-loop-detection',
    why: 'Lambda ends a loop after some sixteen runs; each file still starts so many',
    fails: [output],
    apply: otherwise('trigger', async (ctx) => {
      await lambda(ctx).send(
        new PutFunctionRecursionConfigCommand({ FunctionName: 'tidy', RecursiveLoop: 'Terminate' }),
      );
    }),
  },
  {
    name: 'guard-in-the-code',
    why: 'tidy is started for its own output, looks at the key and stops: a second run for each file',
    fails: [output],
    async apply(ctx) {
      for (const part of [parts.alert, parts.tidy, parts.logs]) await part(ctx);
      const guard: [string, string] = [
        '    try {\n',
        "    if (record.s3.object.key.startsWith('readings/tidy/')) continue;\n    try {\n",
      ];
      await upload(ctx, 'tidy', tidyWith(ctx, throwing, guard));
    },
  },
  {
    name: 'suffix-of-both',
    why: 'the trigger asks for .csv, which is what the tidy copies are called, too',
    fails: [output],
    apply: otherwise('trigger', (ctx) => triggeredBy(ctx, 'readings/', '.csv')),
  },
  {
    name: 'a-week-of-logs',
    why: 'seven days: gone before anybody asks what happened',
    fails: [kept],
    apply: otherwise('logs', (ctx) => keepLogs(ctx, 7)),
  },
  {
    name: 'muted',
    why: 'the logs of tidy end because its role may not write any',
    fails: [kept],
    async apply(ctx) {
      for (const part of Object.values(parts)) await part(ctx);
      await ctx.admin.client(IAMClient).send(
        new DetachRolePolicyCommand({
          RoleName: 'tidy-role',
          PolicyArn: 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole',
        }),
      );
    },
  },
  {
    name: 'log-group-that-is-to-come',
    why: 'alert was given a log group of its own, which its first line makes, without an end; the old one keeps the retention',
    fails: [kept],
    async apply(ctx) {
      for (const part of Object.values(parts)) await part(ctx);
      await lambda(ctx).send(
        new UpdateFunctionConfigurationCommand({
          FunctionName: 'alert',
          LoggingConfig: { LogGroup: '/sarn/alert' },
        }),
      );
    },
  },
];
