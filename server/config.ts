import { existsSync } from 'node:fs';
import { delimiter } from 'node:path';
import { z } from 'zod';
import { readBackend } from './backend-setting.ts';
import { isLoopback } from './loopback.ts';

const port = z.coerce.number().int().min(0).max(65_535);

/** `https://range.example.org`: scheme, host and port, nothing else. */
const origin = z
  .string()
  .max(300)
  .transform((text, check) => {
    try {
      const url = new URL(text);
      const bare = url.pathname === '/' && url.search === '' && url.hash === '' && url.username === '';
      if (bare && (url.protocol === 'https:' || url.protocol === 'http:')) return url.origin;
    } catch {
      // as said below
    }
    check.addIssue('is no origin such as https://range.example.org');
    return z.NEVER;
  });

/** What Express understands: a count of proxies, or their addresses. */
const proxies = z
  .string()
  .max(1000)
  .transform((text, check): number | string[] => {
    if (/^\d{1,2}$/.test(text)) return Number(text);
    const addresses = text.split(',').map((part) => part.trim());
    if (addresses.every((part) => /^(?:loopback|linklocal|uniquelocal|[0-9a-fA-F:.]+(?:\/\d{1,3})?)$/.test(part)))
      return addresses;
    check.addIssue('is neither a number of proxies nor a list of their addresses');
    return z.NEVER;
  });

const environment = z.object({
  PORT: port.default(8080),
  AWS_PORT: port.default(4566),
  DATA_DIR: z.string().min(1).default('./data'),
  LOG_LEVEL: z.enum(['silent', 'error', 'warn', 'info', 'debug']).default('info'),
  /** Sandboxes kept ready; 0 starts each function from nothing. */
  POOL_SIZE: z.coerce.number().int().min(0).max(64).default(6),
  SANDBOX: z.enum(['auto', 'bubblewrap', 'none']).default('auto'),
  ACCOUNTS: z.enum(['on', 'off']).default('off'),
  PUBLIC_URL: origin.optional(),
  AWS_PUBLIC_URL: origin.optional(),
  BIND: z
    .string()
    .regex(/^[0-9a-zA-Z.:-]{1,253}$/, 'is no address')
    .default('127.0.0.1'),
  TRUST_PROXY: proxies.optional(),
  /** Said by who publishes a container's ports to the host's loopback address and to nothing else. */
  CONTAINER_PORTS: z.enum(['loopback']).optional(),
  /** Where new attempts live: `embedded`, `localstack`, or `<name>=<endpoint>`. */
  BACKEND: z.string().max(300).default('embedded'),
  LOCALSTACK_ENDPOINT: z.string().max(300).default('http://127.0.0.1:4566'),
  /** Folders with labs of one's own, beside those of the repository; several with `:` between them. */
  LABS_DIR: z.string().max(4000).optional(),
  /** Labs that are not finished are offered too: for their authors. */
  DRAFTS: z.enum(['on', 'off']).default('off'),
  /** What LocalStack's executor plugin authenticates with. */
  LAMBDA_RANGE_EXECUTOR_TOKEN: z.string().min(16, 'is shorter than 16 characters').max(200).optional(),
});

export interface Config {
  /** Pages and JSON API. */
  port: number;
  /** The AWS endpoint. */
  awsPort: number;
  dataDir: string;
  logLevel: 'silent' | 'error' | 'warn' | 'info' | 'debug';
  poolSize: number;
  sandbox: 'auto' | 'bubblewrap' | 'none';
  /** The address that both ports listen on. */
  host: string;
  /** People sign in; else there is one local learner. */
  accounts?: boolean;
  /** The origin of the pages as browsers reach them, where a proxy stands before them. */
  publicUrl?: string | undefined;
  /** The origin of the AWS endpoint as clients reach it. */
  awsPublicUrl?: string | undefined;
  /** The proxies whose `X-Forwarded-For` is believed: how many, or their addresses. */
  trustProxy?: number | string[] | undefined;
  /** The AWS endpoint that new attempts live in; absent: in this process. */
  backend?: { name: string; endpoint: string } | undefined;
  executorToken?: string | undefined;
  /** Labs that are not finished are offered too. */
  drafts?: boolean;
  /** Folders with labs besides the repository's. */
  labFolders?: string[] | undefined;
}

/**
 * Reads the environment.
 * @param inContainer whether this process runs in a container
 * @throws Error that names each variable that is wrong
 */
export function readConfig(
  variables: Record<string, string | undefined>,
  inContainer: () => boolean = isContainer,
): Config {
  const parsed = environment.safeParse(
    Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== '')),
  );
  if (!parsed.success)
    throw new Error(
      `Wrong settings: ${parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ')}`,
    );
  const of = parsed.data;
  const config: Config = {
    port: of.PORT,
    awsPort: of.AWS_PORT,
    dataDir: of.DATA_DIR,
    logLevel: of.LOG_LEVEL,
    poolSize: of.POOL_SIZE,
    sandbox: of.SANDBOX,
    host: of.BIND,
    accounts: of.ACCOUNTS === 'on',
    publicUrl: of.PUBLIC_URL,
    awsPublicUrl: of.AWS_PUBLIC_URL,
    trustProxy: of.TRUST_PROXY,
    backend: readBackend(of.BACKEND, of.LOCALSTACK_ENDPOINT, of.AWS_PORT),
    executorToken: of.LAMBDA_RANGE_EXECUTOR_TOKEN,
    drafts: of.DRAFTS === 'on',
    labFolders: of.LABS_DIR?.split(delimiter).filter((folder) => folder !== ''),
  };
  if (of.CONTAINER_PORTS === 'loopback') demandContainer(config, inContainer());
  else demandSafe(config);
  return config;
}

/** The marks that Docker and Podman leave in every container. */
const isContainer = (): boolean => existsSync('/.dockerenv') || existsSync('/run/.containerenv');

/**
 * A container's own address is no boundary: every published port leads to it. Who publishes to loopback alone may do
 * without accounts, and says by which loopback addresses the host gets here. Anything else is as without a container.
 * @throws Error
 */
function demandContainer(config: Config, inContainer: boolean): void {
  if (!inContainer)
    throw new Error('CONTAINER_PORTS=loopback is for containers, and this is none: leave it out, and BIND too.');
  for (const [name, url] of [
    ['PUBLIC_URL', config.publicUrl],
    ['AWS_PUBLIC_URL', config.awsPublicUrl],
  ] as const)
    if (url === undefined)
      throw new Error(`CONTAINER_PORTS=loopback needs ${name}: the loopback address that the port is published to.`);
  demandSafe(config.accounts ? config : { ...config, host: '127.0.0.1' });
}

/** What others can reach needs to know who they are. @throws Error */
function demandSafe({ host, accounts, publicUrl, awsPublicUrl }: Config): void {
  if (!accounts) {
    if (!isLoopback(host))
      throw new Error(
        `BIND=${host} lets others in, and without accounts everybody is the one learner: set ACCOUNTS=on.`,
      );
    for (const [name, url] of [
      ['PUBLIC_URL', publicUrl],
      ['AWS_PUBLIC_URL', awsPublicUrl],
    ] as const)
      if (url !== undefined && !isLoopback(new URL(url).hostname))
        throw new Error(
          `${name}=${url} lets others in, and without accounts everybody is the one learner: set ACCOUNTS=on.`,
        );
  } else if (!isLoopback(host) && (publicUrl === undefined || awsPublicUrl === undefined))
    throw new Error(
      `BIND=${host} needs PUBLIC_URL and AWS_PUBLIC_URL: the addresses by which browsers and AWS clients get here.`,
    );
}
