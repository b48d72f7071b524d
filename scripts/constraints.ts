import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { NormalizedSchema } from '@smithy/core/schema';
import { unzipSync } from 'fflate';
import { services } from '../server/cloud/services/index.ts';
import type { Constraint, ConstraintFile } from '../server/cloud/wire/constraints.ts';
import { membersOf, schemasOf } from '../server/cloud/wire/schemas.ts';
import { type WireService, wireOf } from '../server/cloud/wire/services.ts';
import { projectRoot } from '../server/paths.ts';
import { answeredByTheService, modelled, onlyThese, withoutLengths } from './constraints-left-out.ts';

/*
 * `npm run constraints`: writes server/cloud/wire/constraints.json, the ranges, lengths and enumerations of our emulated
 * operations' input, from the newest botocore of PyPI (Apache-2.0). Patterns are left out: AWS's own differ from them.
 */

interface Shape {
  type: string;
  enum?: string[];
  min?: number;
  max?: number;
  members?: Record<string, { shape: string }>;
  member?: { shape: string };
  value?: { shape: string };
}
interface Model {
  operations: Record<string, { input?: { shape: string } }>;
  shapes: Record<string, Shape>;
}

const require = createRequire(import.meta.url);

function downloadModels(): { version: string; read(service: string): Model } {
  const folder = mkdtempSync(join(tmpdir(), 'constraints-'));
  try {
    const args = ['download', '--quiet', '--no-deps', '--disable-pip-version-check', '--dest', folder, 'botocore'];
    const { status, stderr } = spawnSync('pip', args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    const [wheel] = readdirSync(folder);
    const files = unzipSync(readFileSync(join(folder, wheel!)), {
      filter: ({ name }) =>
        modelled.some((id) => name.startsWith(`botocore/data/${id}/`)) && /service-2\.json(\.gz)?$/.test(name),
    });
    return {
      version: wheel!.split('-')[1]!,
      read(service) {
        const newest = Object.keys(files)
          .filter((name) => name.startsWith(`botocore/data/${service}/`))
          .sort()
          .at(-1)!;
        const bytes = newest.endsWith('.gz') ? gunzipSync(files[newest]!) : files[newest]!;
        return JSON.parse(Buffer.from(bytes).toString()) as Model;
      },
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The constraints of one service's emulated operations, found by walking the SDK's schemas and the model side by side. */
function collect(wire: WireService, model: Model): ConstraintFile['services'][string] {
  const enumerations: Record<string, string[]> = {};
  const structures: Record<string, Record<string, Constraint>> = {};
  const visited = new Set<string>();
  const sdk = require(wire.sdk) as Record<string, unknown>;

  function of(schema: NormalizedSchema, name: string): Constraint | undefined {
    const shape = model.shapes[name]!;
    const found: Constraint = {};
    if (shape.enum) {
      // Enumerations grow: what either of the two knows.
      const ours = typeof sdk[name] === 'object' ? Object.values(sdk[name] as object).map(String) : [];
      enumerations[name] = [...new Set([...shape.enum, ...ours])];
      found.enumeration = name;
    } else if (shape.min !== undefined || shape.max !== undefined) {
      const numeric = ['integer', 'long', 'float', 'double'].includes(shape.type);
      const bounds: [number | null, number | null] = [
        shape.min || numeric ? (shape.min ?? null) : null,
        shape.max ?? null,
      ];
      if ((numeric || !withoutLengths.includes(wire.id)) && bounds.some((bound) => bound !== null))
        found[numeric ? 'range' : 'length'] = bounds;
    }
    const inner = shape.member ?? shape.value;
    if (inner && (schema.isListSchema() || schema.isMapSchema())) {
      const held = of(schema.getValueSchema(), inner.shape);
      if (held) found.item = held;
    }
    if (shape.members && schema.isStructSchema()) visit(schema, shape);
    return Object.keys(found).length > 0 ? found : undefined;
  }

  function visit(schema: NormalizedSchema, shape: Shape): void {
    const container = schema.getName()!;
    if (visited.has(container)) return;
    visited.add(container);
    const found: Record<string, Constraint> = {};
    for (const [member, memberSchema] of membersOf(schema)) {
      const name = shape.members?.[member]?.shape;
      if (name === undefined) continue;
      const constraint = of(memberSchema, name);
      const isLeft = [`${container}.${member}`, `*.${member}`].some((path) =>
        answeredByTheService.includes(`${wire.id}.${path}`),
      );
      const isWanted = onlyThese[wire.id]?.includes(`${container}.${member}`) ?? !isLeft;
      if (constraint && isWanted) found[member] = constraint;
    }
    if (Object.keys(found).length > 0) structures[container] = found;
  }

  const operations = Object.keys(services[wire.id]!.operations).sort();
  for (const operation of operations) {
    const schema = schemasOf(wire).operations.get(operation)?.input;
    const input = model.operations[operation]?.input?.shape;
    if (schema && input && !schema.isUnitSchema()) visit(schema, model.shapes[input]!);
  }
  const used = JSON.stringify(structures);
  const kept = Object.entries(enumerations).filter(([name]) => used.includes(`"enumeration":"${name}"`));
  return { operations, enumerations: Object.fromEntries(kept), structures };
}

const models = downloadModels();
const file: ConstraintFile = {
  source: `botocore ${models.version}`,
  services: Object.fromEntries(modelled.map((id) => [id, collect(wireOf(id), models.read(id))])),
};
writeFileSync(join(projectRoot, 'server/cloud/wire/constraints.json'), `${JSON.stringify(file)}\n`);
