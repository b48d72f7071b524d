import type { Interpreter } from './interpreters.ts';
import type { Credentials, EnvironmentSpec } from './types.ts';

/**
 * The environment of a function: its own variables, then Lambda's, which win.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
 */
export function functionVariables(spec: EnvironmentSpec, credentials: Credentials): Record<string, string> {
  return {
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    PATH: '/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin',
    LD_LIBRARY_PATH: '/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib',
    ...pathsOf(spec.runtime),
    ...spec.variables,
    NODE_EXTRA_CA_CERTS: '/var/runtime/ca-cert.pem',
    // differs from AWS: these make curl and Python trust the installation's certificates, as Node does.
    SSL_CERT_FILE: '/etc/ssl/certs/ca-certificates.crt',
    AWS_CA_BUNDLE: '/etc/ssl/certs/ca-certificates.crt',
    REQUESTS_CA_BUNDLE: '/etc/ssl/certs/ca-certificates.crt',
    AWS_REGION: spec.region,
    AWS_DEFAULT_REGION: spec.region,
    AWS_EXECUTION_ENV: `AWS_Lambda_${spec.runtime}`,
    AWS_LAMBDA_FUNCTION_NAME: spec.functionName,
    AWS_LAMBDA_FUNCTION_VERSION: spec.version,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(spec.memoryMB),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: spec.logGroup,
    AWS_LAMBDA_LOG_STREAM_NAME: spec.logStream,
    ...(spec.logging?.format === 'JSON'
      ? { AWS_LAMBDA_LOG_FORMAT: 'JSON', AWS_LAMBDA_LOG_LEVEL: spec.logging.applicationLevel ?? 'INFO' }
      : {}),
    AWS_LAMBDA_RUNTIME_API: '127.0.0.1:9001',
    LAMBDA_TASK_ROOT: '/var/task',
    LAMBDA_RUNTIME_DIR: '/var/runtime',
    _HANDLER: spec.handler,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_SESSION_TOKEN: credentials.sessionToken,
  };
}

/** Where a runtime looks for modules. */
function pathsOf(runtime: string): Record<string, string> {
  if (runtime.startsWith('python')) return { PYTHONPATH: '/var/runtime' };
  const major = /^nodejs(\d+)/.exec(runtime)?.[1] ?? '22';
  const layers = [`/opt/nodejs/node${major}/node_modules`, '/opt/nodejs/node_modules'];
  return { NODE_PATH: [...layers, '/var/runtime/node_modules', '/var/runtime', '/var/task'].join(':') };
}

/**
 * What Lambda switches off before Node.js 24; NODE_OPTIONS may switch it on again. Without the second, Node parses each
 * file of the SDK once more to find out what it is.
 * https://docs.aws.amazon.com/lambda/latest/dg/lambda-nodejs.html#w292aac41c19
 */
export const LAMBDA_FLAGS = ['--no-experimental-require-module', '--no-experimental-detect-module'];

/** Whether the function needs a process of its own from the first instruction, and its command line. */
export function startCommand(
  { language, version }: Interpreter,
  runtime: string,
  variables: Record<string, string>,
): string[] | undefined {
  const wrapper = variables.AWS_LAMBDA_EXEC_WRAPPER;
  if (language === 'python') {
    // Its first process becomes the function's always. Without `site`: this machine's packages are not the function's.
    const python = [`/var/lang/bin/python${version}`, '-S', '-u', '/var/runtime/python/bootstrap.py'];
    return wrapper ? [wrapper, ...python] : python;
  }
  if (!wrapper && !variables.NODE_OPTIONS) return undefined;
  const node = secondProcess(modern(runtime) ? [] : flagsBeside(variables.NODE_OPTIONS ?? ''));
  return wrapper ? [wrapper, ...node] : node;
}

/** The command line for code that Node.js 24 loads and a process with Lambda's flags does not. */
export function modernCommand(runtime: string): string[] | undefined {
  return modern(runtime) ? secondProcess([]) : undefined;
}

const modern = (runtime: string): boolean => Number(/^nodejs(\d+)/.exec(runtime)?.[1] ?? 22) >= 24;

const flagsBeside = (nodeOptions: string): string[] =>
  LAMBDA_FLAGS.filter((flag) => !nodeOptions.split(/\s+/).includes(flag.replace('--no-', '--')));

const secondProcess = (flags: string[]): string[] => [
  '/var/lang/bin/node',
  '--max-http-header-size=81920',
  ...flags,
  '/var/runtime/start.cjs',
  '{"secondProcess":true}',
];
