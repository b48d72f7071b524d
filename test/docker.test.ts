import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readConfig } from '../server/config.ts';
import { projectRoot } from '../server/paths.ts';

const read = (path: string): string => readFileSync(join(projectRoot, path), 'utf8');

interface Service {
  profiles?: string[];
  build: { args?: Record<string, string> };
  ports?: { host_ip?: string; published: string; target: number }[];
  environment: Record<string, string>;
  networks: Record<string, unknown>;
  security_opt: string[];
  cap_drop?: string[];
  cap_add?: string[];
  privileged?: boolean;
  network_mode?: string;
  read_only?: boolean;
  init?: boolean;
  volumes?: { type: string; source: string; target: string }[];
  depends_on?: Record<string, { condition: string; required?: boolean }>;
}
interface Model {
  services: Record<'platform' | 'localstack', Service>;
  networks: Record<string, { internal?: boolean | string }>;
}

/** What reads docker-compose.yml here: Docker's own command, or the program of the library that it is made with. */
function composeCommand(): string[] | undefined {
  for (const command of [
    ['docker', 'compose', '--profile', 'localstack', 'config', '--format', 'json'],
    ['docker-compose', '--profile', 'localstack', 'config', '--format', 'json'],
    ['compose-spec', '-format', 'json', 'docker-compose.yml'],
  ])
    try {
      execFileSync(command[0]!, command.slice(1), {
        cwd: projectRoot,
        stdio: 'ignore',
        env: { PATH: process.env.PATH },
      });
      return command;
    } catch {
      // the next one
    }
  return undefined;
}

const command = composeCommand();

/** docker-compose.yml as a user's settings make it. */
function compose(settings: Record<string, string | undefined> = {}): Model {
  const text = execFileSync(command![0]!, command!.slice(1), {
    cwd: projectRoot,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, ...settings },
  });
  return JSON.parse(text) as Model;
}

describe.skipIf(command === undefined)(
  'docker-compose.yml (needs docker compose, docker-compose 2 or compose-spec)',
  () => {
    test('publishes to loopback alone, and the server takes its settings', () => {
      for (const settings of [
        { PORT: undefined, AWS_PORT: undefined },
        { PORT: '9080', AWS_PORT: '9566' },
      ]) {
        const { platform } = compose(settings).services;
        expect(platform.ports!.map(({ host_ip, published, target }) => [host_ip, Number(published), target])).toEqual(
          [settings.PORT ?? '8080', settings.AWS_PORT ?? '4566'].map((port) => [
            '127.0.0.1',
            Number(port),
            Number(port),
          ]),
        );
        const variables = Object.entries(platform.environment).map(([name, value]) => [name, String(value)]);
        const config = readConfig({ BIND: '0.0.0.0', ...Object.fromEntries(variables) }, () => true);
        expect(config).toMatchObject({ host: '0.0.0.0', accounts: false, sandbox: 'bubblewrap' });
        expect(config.publicUrl).toBe(`http://127.0.0.1:${settings.PORT ?? 8080}`);
        expect(config.awsPublicUrl).toBe(`http://127.0.0.1:${settings.AWS_PORT ?? 4566}`);
      }
    });

    test('gives the platform no privilege', () => {
      const { platform } = compose().services;
      expect(platform).toMatchObject({ read_only: true, init: true, cap_drop: ['ALL'] });
      expect(platform.privileged ?? false).toBe(false);
      expect(platform.cap_add ?? []).toEqual([]);
      expect(platform.network_mode).toBeUndefined();
      expect(platform.security_opt).toEqual([
        'no-new-privileges:true',
        'seccomp=docker/seccomp.json',
        'apparmor=unconfined',
        'systempaths=unconfined',
      ]);
      expect(existsSync(join(projectRoot, 'docker/seccomp.json'))).toBe(true);
    });

    test('keeps LocalStack where only the platform reaches it', () => {
      const { services, networks } = compose();
      const { platform, localstack } = services;
      expect(Object.keys(services).sort()).toEqual(['localstack', 'platform']);
      expect(localstack.ports ?? []).toEqual([]);
      expect(Object.keys(localstack.networks)).toEqual(['upstream']);
      expect(Object.keys(platform.networks).sort()).toEqual(['default', 'upstream']);
      expect(String(networks.upstream!.internal)).toBe('true');
      for (const { volumes } of [platform, localstack])
        expect(volumes!.every(({ type }) => type === 'volume')).toBe(true);
    });

    test('starts LocalStack by its profile only, pinned, and the platform waits for it where it is', () => {
      const { platform, localstack } = compose().services;
      expect(localstack.profiles).toEqual(['localstack']);
      expect(localstack.build.args).toEqual({ LOCALSTACK_VERSION: '4.14.0' });
      expect(platform.depends_on).toMatchObject({ localstack: { condition: 'service_healthy', required: false } });
      expect(platform.environment.BACKEND).toBe('embedded');
    });

    test('hands over the backend, the executor and a token for newer LocalStacks', () => {
      const { platform, localstack } = compose({
        BACKEND: 'localstack',
        AWS_PORT: '9566',
        LOCALSTACK_VERSION: '2026.03.0',
        LOCALSTACK_AUTH_TOKEN: 'ls-token',
      }).services;
      expect(platform.environment).toMatchObject({
        BACKEND: 'localstack',
        LOCALSTACK_ENDPOINT: 'http://localstack:4566',
      });
      expect(localstack.environment).toMatchObject({
        LAMBDA_RUNTIME_EXECUTOR: 'lambda-range',
        LAMBDA_RANGE_URL: 'http://platform:9566',
        LOCALSTACK_AUTH_TOKEN: 'ls-token',
      });
      expect(localstack.build.args).toEqual({ LOCALSTACK_VERSION: '2026.03.0' });
    });
  },
);

describe('docker/seccomp.json', () => {
  interface Rule {
    names: string[];
    action: string;
    args?: unknown[];
    comment?: string;
    includes?: { caps?: string[] };
  }
  const profile = JSON.parse(read('docker/seccomp.json')) as { defaultAction: string; syscalls: Rule[] };
  /** What a process without capabilities may call, whatever the arguments. */
  const allowed = profile.syscalls
    .filter(({ action, args, includes }) => action === 'SCMP_ACT_ALLOW' && !args && !includes?.caps)
    .flatMap(({ names }) => names);

  test('is an allow list, and adds to the default of Docker what bubblewrap calls and no more', () => {
    expect(profile.defaultAction).toBe('SCMP_ACT_ERRNO');
    const added = profile.syscalls.at(-1)!;
    expect(added.comment).toContain("Added to Docker's default profile");
    expect(added.names).toEqual(['clone', 'mount', 'pivot_root', 'sethostname', 'umount2', 'unshare']);
    const before = profile.syscalls.slice(0, -1);
    const unconditional = before.filter(({ args, includes }) => !args && !includes).flatMap(({ names }) => names);
    expect(added.names.filter((name) => unconditional.includes(name))).toEqual([]);
  });

  test.each([
    [
      'other doors to namespaces and mounts',
      ['setns', 'chroot', 'umount', 'fsopen', 'fsmount', 'move_mount', 'open_tree'],
    ],
    ['the kernel', ['bpf', 'init_module', 'finit_module', 'kexec_load', 'perf_event_open', 'reboot', 'syslog', 'iopl']],
    ['keys, handles and the faults of user memory', ['keyctl', 'add_key', 'open_by_handle_at', 'userfaultfd']],
    ['io_uring', ['io_uring_setup', 'io_uring_enter', 'io_uring_register']],
  ])('keeps closed: %s', (_what, names) => {
    expect(names.filter((name) => allowed.includes(name))).toEqual([]);
  });

  test('says of clone3 that it does not exist, so that the C library falls back to clone', () => {
    const rule = profile.syscalls.find(({ names, action }) => names.includes('clone3') && action === 'SCMP_ACT_ERRNO');
    expect(rule).toMatchObject({ errnoRet: 38 });
    expect(allowed).not.toContain('clone3');
  });
});

describe('Dockerfile', () => {
  const lines = read('Dockerfile').split('\n');

  test('runs as the user "node", on one pinned image, with bubblewrap', () => {
    expect(lines.filter((line) => line.startsWith('USER ')).at(-1)).toBe('USER node');
    expect(read('Dockerfile')).toMatch(/^ARG NODE_IMAGE=node:\d+\.\d+\.\d+-bookworm-slim$/m);
    expect(lines.filter((line) => line.startsWith('FROM '))).toEqual([
      'FROM ${NODE_IMAGE} AS build',
      'FROM ${NODE_IMAGE}',
    ]);
    expect(read('Dockerfile')).toMatch(/install -y --no-install-recommends bubblewrap/);
  });

  test('names only files that exist and that reach the build', () => {
    const kept = read('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'));
    for (const line of kept) expect(existsSync(join(projectRoot, line.slice(1))), line).toBe(true);
    for (const file of ['docker', 'package.json', 'package-lock.json', '.npmrc']) expect(kept).toContain(`!${file}`);
    for (const file of ['docker/entrypoint.sh', 'docker/health-check.mjs', 'docker/localstack-entrypoint.sh'])
      expect(existsSync(join(projectRoot, file)), file).toBe(true);
  });
});
