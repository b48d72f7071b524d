import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, type RequestOptions, request } from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../../server/paths.ts';

/** Debian's nginx, with docs/nginx.conf on free ports of the loopback address. */
export interface Nginx {
  /** Speaks TLS with it, by any name. */
  agent: Agent;
  close(): Promise<void>;
}

export const names = { pages: 'range.example.org', aws: 'aws.range.example.org' };

export function hasNginx(): boolean {
  try {
    for (const program of ['nginx', 'openssl'])
      execFileSync(program, [program === 'nginx' ? '-v' : 'version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** A port that is free now. */
export function freePort(): Promise<number> {
  return new Promise((done, failed) => {
    const server = createServer();
    server.once('error', failed);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => done(port));
    });
  });
}

export async function startNginx(ports: {
  pagesTls: number;
  awsTls: number;
  pages: number;
  aws: number;
}): Promise<Nginx> {
  const folder = mkdtempSync(join(tmpdir(), 'lambda-range-nginx-'));
  const certificate = selfSigned(folder);
  const servers = readFileSync(join(projectRoot, 'docs/nginx.conf'), 'utf8')
    .replace('listen 443 ssl', `listen 127.0.0.1:${ports.pagesTls} ssl`)
    .replace('listen 443 ssl', `listen 127.0.0.1:${ports.awsTls} ssl`)
    .replace('127.0.0.1:8080', `127.0.0.1:${ports.pages}`)
    .replace('127.0.0.1:4566', `127.0.0.1:${ports.aws}`)
    .replaceAll('/etc/ssl/range/', `${folder}/`);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${folder}/${kind};`,
  );
  writeFileSync(
    join(folder, 'nginx.conf'),
    `daemon off; master_process off; pid ${folder}/nginx.pid; error_log ${folder}/error.log;
events { worker_connections 512; }
http { access_log off; ${temporary.join(' ')}
${servers}
}`,
  );
  const child = spawn('nginx', ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (text) => (said += text));
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  const agent = new Agent({
    ca: certificate,
    // Names of a course, answered by this machine.
    lookup: (_name, options, done) => {
      if ((options as { all?: boolean }).all)
        return (done as (e: null, a: object[]) => void)(null, [{ address: '127.0.0.1', family: 4 }]);
      done(null, '127.0.0.1', 4);
    },
  });
  const proxy: Nginx = {
    agent,
    async close() {
      agent.destroy();
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
  for (let tries = 0; ; tries++) {
    if (child.exitCode !== null || tries > 200) throw new Error(`nginx did not start: ${said}`);
    const up = await call(proxy, `https://${names.pages}:${ports.pagesTls}/sign-in`).catch(() => undefined);
    if (up) return proxy;
    await new Promise((again) => setTimeout(again, 50));
  }
}

export interface TlsAnswer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
}

/** One request through the proxy. @param until ends a stream once its text holds this */
export function call(
  proxy: Nginx,
  url: string,
  options: RequestOptions = {},
  body = '',
  until?: string,
): Promise<TlsAnswer> {
  return new Promise((done, failed) => {
    const sent = request(url, { agent: proxy.agent, ...options }, (response) => {
      let text = '';
      const answer = () => done({ status: response.statusCode ?? 0, headers: response.headers, text });
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
        if (until === undefined || !text.includes(until)) return;
        answer();
        sent.destroy();
      });
      response.on('end', answer);
      response.on('error', failed);
    });
    sent.on('error', failed);
    sent.end(body);
  });
}

/** The certificate of a course, as PEM; `openssl` comes with nginx. */
function selfSigned(folder: string): string {
  const others = [names.aws, `*.lambda-url.us-east-1.${names.aws}`, `*.execute-api.us-east-1.${names.aws}`];
  const all = [names.pages, ...others].map((name) => `DNS:${name}`);
  const file = join(folder, 'fullchain.pem');
  const key = [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-keyout',
    `${folder}/privkey.pem`,
  ];
  const of = ['-subj', `/CN=${names.pages}`, '-addext', `subjectAltName=${all.join(',')}`, '-days', '2', '-out', file];
  execFileSync('openssl', ['req', '-x509', ...key, ...of], { stdio: 'ignore' });
  return readFileSync(file, 'utf8');
}
