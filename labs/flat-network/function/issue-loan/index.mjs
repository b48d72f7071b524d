import net from 'node:net';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';

const { DB_HOST, DB_PORT, QUEUE_URL } = process.env;
const sqs = new SQSClient({ maxAttempts: 2, requestHandler: { connectionTimeout: 2000, requestTimeout: 4000 } });

// Called by the desks: a reader takes a book home.
export const handler = async ({ loan, reader, book }) => {
  if (!/^L-[0-9]{3,12}$/.test(loan ?? '') || typeof reader !== 'string' || typeof book !== 'string')
    return { issued: false, reason: 'A loan needs a number, a reader and a book.' };
  try {
    const answer = await ask(`PUT ${JSON.stringify({ loan, reader, book })}`);
    if (!answer.kept) throw new Error(`the database did not keep the loan: ${JSON.stringify(answer)}`);
    await sqs.send(new SendMessageCommand({ QueueUrl: QUEUE_URL, MessageBody: JSON.stringify({ remind: loan }) }));
  } catch (error) {
    return { issued: false, reason: `${error.name}: ${error.message}` };
  }
  return { issued: true, loan };
};

// The database speaks lines: one question, one answer of JSON.
function ask(question) {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host: DB_HOST, port: Number(DB_PORT) });
    let text = '';
    socket.setTimeout(3000, () => socket.destroy(new Error('no answer from the database')));
    socket.on('connect', () => socket.write(`${question}\n`));
    socket.on('error', reject);
    socket.on('data', (chunk) => {
      text += chunk;
      if (!text.includes('\n')) return;
      socket.destroy();
      resolve(JSON.parse(text.slice(0, text.indexOf('\n'))));
    });
    socket.on('close', () => reject(new Error('the database closed the connection')));
  });
}
