// A stand-in for a database driver: one line of JSON out, one line back.
import { connect } from 'node:net';

export class DatabaseError extends Error {}

export function query({ host, port, user, password, query }) {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    let answer = '';
    socket.setTimeout(3000, () => socket.destroy(new DatabaseError(`no answer from ${host}:${port}`)));
    socket.on('error', reject);
    socket.on('connect', () => socket.write(`${JSON.stringify({ user, password, query })}\n`));
    socket.on('data', (chunk) => {
      answer += chunk;
      if (!answer.includes('\n')) return;
      socket.destroy();
      const { error, row } = JSON.parse(answer);
      if (error) reject(new DatabaseError(error));
      else resolve(row);
    });
  });
}
