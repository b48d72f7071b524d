import net from 'node:net';

const { LEDGER_HOST, LEDGER_PORT } = process.env;
const PATIENCE = 1000; // milliseconds without a sign of life

/** Writes a payment down, once for each receipt. */
export async function record(payment) {
  const answer = await ask(`PUT ${JSON.stringify(payment)}`);
  if (answer !== 'OK') throw new Error(`the ledger did not take receipt ${payment.receipt}: ${answer}`);
}

/** What was paid; undefined for a receipt that the ledger does not know. */
export async function find(receipt) {
  const answer = await ask(`GET ${receipt.replace(/\s/g, '')}`);
  return answer === 'NONE' ? undefined : JSON.parse(answer);
}

// The ledger speaks lines: one question, one answer.
function ask(question) {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host: LEDGER_HOST, port: Number(LEDGER_PORT) });
    let text = '';
    socket.setTimeout(PATIENCE, () => socket.destroy(new Error(`no answer from the ledger within ${PATIENCE} ms`)));
    socket.on('connect', () => socket.write(`${question}\n`));
    socket.on('error', reject);
    socket.on('data', (chunk) => {
      text += chunk;
      const end = text.indexOf('\n');
      if (end < 0) return;
      resolve(text.slice(0, end));
      socket.destroy();
    });
    socket.on('close', () => reject(new Error('the ledger closed the connection')));
  });
}
