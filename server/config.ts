import { z } from 'zod';

const port = z.coerce.number().int().min(0).max(65_535);

const environment = z.object({
  PORT: port.default(8080),
  AWS_PORT: port.default(4566),
  DATA_DIR: z.string().min(1).default('./data'),
  LOG_LEVEL: z.enum(['silent', 'error', 'warn', 'info', 'debug']).default('info'),
  /** Sandboxes kept ready; 0 starts each function from nothing. */
  POOL_SIZE: z.coerce.number().int().min(0).max(64).default(6),
  SANDBOX: z.enum(['auto', 'bubblewrap', 'none']).default('auto'),
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
  /** Loopback until accounts are turned on. */
  host: '127.0.0.1';
}

/** Reads the environment. @throws Error that names each variable that is wrong */
export function readConfig(variables: Record<string, string | undefined>): Config {
  const parsed = environment.safeParse(
    Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== '')),
  );
  if (!parsed.success)
    throw new Error(
      `Wrong settings: ${parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ')}`,
    );
  const { PORT, AWS_PORT, DATA_DIR, LOG_LEVEL, POOL_SIZE, SANDBOX } = parsed.data;
  return {
    port: PORT,
    awsPort: AWS_PORT,
    dataDir: DATA_DIR,
    logLevel: LOG_LEVEL,
    poolSize: POOL_SIZE,
    sandbox: SANDBOX,
    host: '127.0.0.1',
  };
}
