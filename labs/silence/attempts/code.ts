import type { SubmissionContext } from '../../../server/kit.ts';

/** The code of the two functions as learners write it. */

type Change = [from: string, to: string];

/** The code of `alert` with another handler. */
export function alertWith(ctx: SubmissionContext, handler: string): string {
  const code = ctx.file('function/alert/index.mjs');
  return handler + code.slice(code.indexOf('async function page'));
}

/** The code of `tidy` with pieces written otherwise. */
export function tidyWith(ctx: SubmissionContext, ...changes: Change[]): string {
  let code = ctx.file('function/tidy/index.mjs');
  for (const [from, to] of changes) {
    if (!code.includes(from)) throw new Error(`tidy has no ${from}`);
    code = code.replace(from, () => to);
  }
  return code;
}

/** Tells which messages failed. */
export const partial = `export const handler = async (event) => {
  const batchItemFailures = [];
  for (const { messageId, body } of event.Records) {
    try {
      const { alarm, gauge, level } = JSON.parse(body);
      await page({ alarm, gauge, level });
    } catch (error) {
      console.error(JSON.stringify({ messageId, error: error.message }));
      batchItemFailures.push({ itemIdentifier: messageId });
    }
  }
  return { batchItemFailures };
};

`;

/** The same, all at once. */
export const parallel = `export const handler = async (event) => {
  const results = await Promise.allSettled(event.Records.map(async ({ body }) => {
    const { alarm, gauge, level } = JSON.parse(body);
    await page({ alarm, gauge, level });
  }));
  const failed = event.Records.filter((_, at) => results[at].status === 'rejected');
  return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
};

`;

/** The first bad message fails the whole batch. */
export const failing = `export const handler = async (event) => {
  for (const { body } of event.Records) {
    const { alarm, gauge, level } = JSON.parse(body);
    await page({ alarm, gauge, level });
  }
};

`;

/** All are tried, then the batch fails if one did. */
export const failingAtTheEnd = `export const handler = async (event) => {
  const results = await Promise.allSettled(event.Records.map(async ({ body }) => {
    const { alarm, gauge, level } = JSON.parse(body);
    await page({ alarm, gauge, level });
  }));
  const failed = results.filter(({ status }) => status === 'rejected');
  if (failed.length > 0) throw new AggregateError(failed.map(({ reason }) => reason), 'some alarms failed');
};

`;

const tellOnCall = `import { SQSClient, SendMessageCommand } from '@aws-sdk/client-sqs';
const sqs = new SQSClient({});
const tellOnCall = (what) =>
  sqs.send(new SendMessageCommand({ QueueUrl: process.env.ATTENTION, MessageBody: JSON.stringify(what) }));
`;

/** Tries three times by itself, then tells on-call by itself. */
export const tellingAlert = `${tellOnCall}export const handler = (event) =>
  Promise.all(event.Records.map(async ({ messageId, body }) => {
    let last;
    for (let tries = 0; tries < 3; tries++)
      try {
        const { alarm, gauge, level } = JSON.parse(body);
        return await page({ alarm, gauge, level });
      } catch (error) {
        last = error;
      }
    await tellOnCall({ messageId, body, error: last.message });
  }));

`;

const swallowing = `    } catch {
      // The next file comes tomorrow.
    }`;

/** An error ends the run, so that Lambda hears of it. */
export const throwing: Change = [
  swallowing,
  `    } catch (error) {
      console.error(JSON.stringify({ key: record.s3.object.key, error: error.message }));
      throw error;
    }`,
];

/** An error is told to on-call by the code. */
export const telling: Change[] = [
  ['import { GetObjectCommand', `${tellOnCall}import { GetObjectCommand`],
  [
    swallowing,
    `    } catch (error) {
      await tellOnCall({ key: record.s3.object.key, error: error.message });
    }`,
  ],
];

export const apart: Change = ["Key.replace('readings/', 'readings/tidy/')", "Key.replace('readings/', 'tidy/')"];

/** The event of S3 lies in a message; the first one is S3's own test and has no records. */
export const fromQueue: Change = [
  'for (const record of event.Records) {',
  'for (const record of event.Records.flatMap(({ body }) => JSON.parse(body).Records ?? [])) {',
];
