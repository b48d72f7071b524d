import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { services } from '../server/cloud/services/index.ts';
import { schemasOf } from '../server/cloud/wire/schemas.ts';
import { wireOf, wireServices } from '../server/cloud/wire/services.ts';

const root = join(import.meta.dirname, '..');

function filesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

interface Import {
  from: string;
  /** A path inside the project, or a package's name. */
  to: string;
  typeOnly: boolean;
}

const pattern =
  /^(?:import|export)\s+(type\s)?(?:[^'"]*?\sfrom\s+)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/gm;

function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(pattern)].map(([, type, fixed, dynamic]) => {
    const target = (fixed ?? dynamic)!;
    const to = target.startsWith('.') ? relative(root, join(root, dirname(file), target)) : target;
    return { from: file, to, typeOnly: type !== undefined };
  });
}

const sources = [...filesBelow('server'), ...filesBelow('labs')].filter(
  (file) => file.endsWith('.ts') && !file.includes('/function/'),
);
const imports = sources.flatMap(importsOf);

/** `from → to` of the imports that a rule forbids. */
function forbidden(rule: (edge: Import) => boolean): string[] {
  return imports.filter(rule).map(({ from, to }) => `${from} → ${to}`);
}

describe('imports', () => {
  it('reads them at all', () => {
    expect(imports.length).toBeGreaterThan(500);
    expect(imports.some(({ from, to }) => from === 'server/main.ts' && to === 'server/range.ts')).toBe(true);
    expect(forbidden(({ to }) => to.startsWith('server/') && !existsSync(join(root, to)))).toEqual([]);
  });

  it('labs import the kit, SDK clients and their own files, nothing else', () => {
    expect(
      forbidden(
        ({ from, to }) =>
          from.startsWith('labs/') &&
          !(
            to === 'server/kit.ts' ||
            to.startsWith('@aws-sdk/') ||
            to.startsWith(`${from.split('/').slice(0, 2).join('/')}/`) ||
            // What Node brings and does nothing by itself.
            ['node:crypto', 'node:zlib', 'node:buffer', 'node:stream'].includes(to)
          ),
      ),
    ).toEqual([]);
  });

  it('the cloud imports nothing of the project but itself', () => {
    expect(
      forbidden(
        ({ from, to }) =>
          from.startsWith('server/cloud/') &&
          !to.startsWith('server/cloud/') &&
          to !== 'server/paths.ts' &&
          (to.startsWith('server/') || to.startsWith('labs/') || to.startsWith('test/')),
      ),
    ).toEqual([]);
  });

  it('pages never import services or labs', () => {
    expect(
      forbidden(
        ({ from, to }) =>
          from.startsWith('server/web/') && (to.startsWith('server/cloud/services/') || to.startsWith('labs/')),
      ),
    ).toEqual([]);
  });

  it('nobody imports main, and only main and range start anything', () => {
    expect(forbidden(({ to }) => to === 'server/main.ts' || to === 'server/cli.ts')).toEqual([]);
    expect(forbidden(({ from, to }) => to === 'server/range.ts' && from !== 'server/main.ts')).toEqual([]);
  });

  it('grading and training never reach for the store’s file or the pages', () => {
    expect(
      forbidden(({ from, to }) => from.startsWith('server/grading/') && /^server\/(web|store|training)\//.test(to)),
    ).toEqual([]);
    expect(forbidden(({ from, to }) => from.startsWith('server/training/') && to.startsWith('server/web/'))).toEqual(
      [],
    );
    expect(
      forbidden(({ from, to }) => from.startsWith('server/store/') && /^server\/(web|training)\//.test(to)),
    ).toEqual([]);
  });

  it('only config reads the environment (the command line, a program of its own, too)', () => {
    const readers = sources.filter(
      (file) => file.startsWith('server/') && /\bprocess\.env\b/.test(readFileSync(join(root, file), 'utf8')),
    );
    // main and admin pass the environment to config; what runs inside of a sandbox has an environment of its own.
    const allowed = ['server/main.ts', 'server/admin.ts', 'server/config.ts', 'server/cli.ts'];
    expect(readers.filter((file) => !allowed.includes(file) && !file.startsWith('server/cloud/runtime/'))).toEqual([]);
  });

  // The registry of services is the one place where the cloud knows them; it is read when a call comes, never at import.
  const registry = 'server/cloud/services/index.ts';

  it('there are no cycles of values but through the registry of services', () => {
    const edges = new Map<string, string[]>();
    for (const { from, to, typeOnly } of imports)
      if (!typeOnly && to.startsWith('server/') && to !== registry) edges.set(from, [...(edges.get(from) ?? []), to]);
    expect(cycles(edges)).toEqual([]);
  });
});

/** The cycles of a graph: each strongly connected component of more than one file (Tarjan), sorted. */
function cycles(edges: Map<string, string[]>): string[][] {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const found: string[][] = [];
  const visit = (file: string): void => {
    index.set(file, index.size);
    low.set(file, index.get(file)!);
    stack.push(file);
    for (const next of edges.get(file) ?? []) {
      if (!index.has(next)) visit(next);
      if (stack.includes(next)) low.set(file, Math.min(low.get(file)!, low.get(next)!));
    }
    if (low.get(file) !== index.get(file)) return;
    const component = stack.splice(stack.indexOf(file));
    if (component.length > 1) found.push(component.sort());
  };
  for (const file of edges.keys()) if (!index.has(file)) visit(file);
  return found.sort();
}

describe('files', () => {
  it('are under 500 lines; those above 300 are named', () => {
    const lines = (file: string): number => readFileSync(join(root, file), 'utf8').split('\n').length;
    const long = sources.map((file) => ({ file, lines: lines(file) })).filter((entry) => entry.lines > 300);
    if (long.length)
      process.stdout.write(
        `files above 300 lines: ${long.map((entry) => `${entry.file} (${entry.lines})`).join(', ')}\n`,
      );
    // A lab's table of submissions is as long as there are submissions.
    expect(long.filter(({ file, lines: count }) => count > 500 && !file.startsWith('labs/'))).toEqual([]);
  });

  it('have kebab-case names', () => {
    const odd = sources.filter((file) => !/^[a-z0-9][a-z0-9.-]*$/.test(file.split('/').at(-1)!));
    expect(odd).toEqual([]);
  });
});

describe('services', () => {
  it('the registry, the wire and the folders agree', () => {
    const folders = readdirSync(join(root, 'server/cloud/services')).filter((name) =>
      statSync(join(root, 'server/cloud/services', name)).isDirectory(),
    );
    expect(Object.keys(services).sort()).toEqual(folders.sort());
    expect(wireServices.map(({ id }) => id).sort()).toEqual(folders);
  });

  const tests = filesBelow('test')
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(join(root, file), 'utf8'));
  const words = new Set(
    [
      ...tests,
      ...sources.filter((file) => file.startsWith('labs/')).map((file) => readFileSync(join(root, file), 'utf8')),
    ]
      .flatMap((text) => [
        ...text.matchAll(
          /\bnew (?:\w+\.)?([A-Z]\w+)Command\(|\b(?:ec2|rds|iam|s3|sqs|sns|kms|ssm|lambda|logs)\.([a-z]\w+)\(/g,
        ),
      ])
      .map(([, command, method]) => command ?? `${method!.charAt(0).toUpperCase()}${method!.slice(1)}`),
  );
  // boto3 and the CLI name operations in their own way: create_function, create-function.
  const spoken = new Set(
    filesBelow('test/clients')
      .filter((file) => file.endsWith('.py'))
      .flatMap((file) => [...readFileSync(join(root, file), 'utf8').matchAll(/[a-z]+(?:[_-][a-z0-9]+)+/g)])
      .map(([name]) => name.replaceAll(/[_-]/g, '')),
  );

  it.each(Object.keys(services).sort())('every operation of %s is called over the wire in some test', (id) => {
    const untested = Object.keys(services[id]!.operations).filter(
      // What has no schema has no wire: it is called inside the process alone (InvokeFunctionUrl).
      (name) => schemasOf(wireOf(id)).operations.has(name) && !words.has(name) && !spoken.has(name.toLowerCase()),
    );
    expect(untested).toEqual([]);
  });
});
