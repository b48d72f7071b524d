import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Range, startRange } from '../../server/range.ts';

export interface TestRange extends Range {
  /** Starts a lab; the attempt's path. */
  start(lab: string): Promise<string>;
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  /** A form as the page's own script sends it. */
  post(path: string, fields?: Record<string, string>, headers?: Record<string, string>): Promise<Answer>;
}

export interface Answer {
  status: number;
  location: string | null;
  headers: Headers;
  text: string;
}

/** A whole installation on free ports, with its data in a temporary folder. */
export async function startTestRange(): Promise<TestRange> {
  const dataDir = mkdtempSync(join(tmpdir(), 'lambda-range-web-'));
  const range = await startRange({
    port: 0,
    awsPort: 0,
    dataDir,
    logLevel: 'silent',
    poolSize: 0,
    sandbox: 'auto',
    host: '127.0.0.1',
  });
  const send = async (path: string, init: RequestInit): Promise<Answer> => {
    const response = await fetch(range.url + path, { redirect: 'manual', ...init });
    return {
      status: response.status,
      location: response.headers.get('location'),
      headers: response.headers,
      text: await response.text(),
    };
  };
  return {
    ...range,
    async start(lab) {
      const { status, location } = await send(`/labs/${lab}/start`, { method: 'POST' });
      if (status !== 303 || !location) throw new Error(`${lab} did not start: ${status}`);
      return location;
    },
    get: (path, headers = {}) => send(path, { headers }),
    post: (path, fields = {}, headers = { 'hx-request': 'true' }) =>
      send(path, { method: 'POST', body: new URLSearchParams(fields), headers }),
    async close() {
      await range.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** A page's text without tags. */
export function textOf(html: string): string {
  return html
    .replace(/<[^>]*>/g, ' ')
    .replaceAll('&#34;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&amp;', '&')
    .replace(/\s+/g, ' ');
}

/** The right fix of `thumbnailer-owns-s3`. */
export function rightPolicy(names: { in: string; out: string }): string {
  return JSON.stringify(
    {
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Action: 's3:GetObject', Resource: `arn:aws:s3:::${names.in}/uploads/*` },
        { Effect: 'Allow', Action: 's3:PutObject', Resource: `arn:aws:s3:::${names.out}/thumbs/*` },
      ],
    },
    null,
    2,
  );
}
