import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { compiled, projectRoot } from '../paths.ts';
import type { LabDefinition, Submission } from './definition.ts';
import { type LabMetadata, type LabTexts, labMetadata, tracks } from './types.ts';

/** A lab: its folder, read. */
export interface Lab {
  id: string;
  folder: string;
  metadata: LabMetadata;
  texts: LabTexts;
  definition: LabDefinition;
}

/** A lab folder that cannot be loaded. */
export interface BrokenLab {
  id: string;
  /** For its author: the file, and what is wrong with it. */
  problem: string;
}

/** All labs, in the order of tracks. */
export interface Catalogue {
  labs: readonly Lab[];
  /** Left out, so that one half-written lab does not keep learners from the others; the contract test fails for them. */
  broken: readonly BrokenLab[];
  find(id: string): Lab | undefined;
}

const labsFolder = join(projectRoot, 'labs');

/** Reads every lab folder; one that cannot be read is told and left out. */
export async function loadCatalogue(folder = labsFolder): Promise<Catalogue> {
  const ids = readdirSync(folder, { withFileTypes: true })
    .filter(
      (entry) =>
        entry.isDirectory() && ['lab.json', 'lab.ts'].some((name) => existsSync(join(folder, entry.name, name))),
    )
    .map((entry) => entry.name)
    .sort();
  const labs: Lab[] = [];
  const broken: BrokenLab[] = [];
  await Promise.all(
    ids.map(async (id) => {
      try {
        labs.push(await loadLab(folder, id));
      } catch (error) {
        broken.push({ id, problem: messageOf(error) });
      }
    }),
  );
  labs.sort(
    (a, b) =>
      tracks.indexOf(a.metadata.track) - tracks.indexOf(b.metadata.track) || a.metadata.order - b.metadata.order,
  );
  const byId = new Map(labs.map((lab) => [lab.id, lab]));
  return { labs, broken, find: (id) => byId.get(id) };
}

/** The named submissions of a lab: for the contract test alone; nothing that serves learners calls this. */
export async function loadSubmissions(id: string): Promise<Submission[]> {
  return ((await importFrom(labsFolder, id, 'attempts')) as { default: Submission[] }).default;
}

/** @throws Error that names the file and what is wrong with it */
async function loadLab(labs: string, id: string): Promise<Lab> {
  const folder = join(labs, id);
  const metadata = await within(`labs/${id}/lab.json`, () => readMetadata(join(folder, 'lab.json')));
  const texts = readTexts(id, folder);
  const definition = await within(`labs/${id}/lab.ts`, async () => {
    const { default: exported } = (await importFrom(labs, id, 'lab')) as { default?: Partial<LabDefinition> };
    if (!isDefinition(exported)) throw new Error('its default export is not made by defineLab');
    return exported;
  });
  return { id, folder, metadata, texts, definition };
}

/** What goes wrong in reading a file is said with the file's name. */
async function within<T>(file: string, read: () => T | Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw new Error(`${file}: ${messageOf(error)}`, { cause: error });
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function readMetadata(path: string): LabMetadata {
  const parsed = labMetadata.safeParse(JSON.parse(readFileSync(path, 'utf8')));
  if (parsed.success) return parsed.data;
  throw new Error(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '));
}

/** Enough of a lab for the catalogue and for a start; what is missing besides shows in the contract. */
function isDefinition(exported: Partial<LabDefinition> | undefined): exported is LabDefinition {
  return (
    typeof exported?.deploy === 'function' &&
    typeof exported.exploit === 'function' &&
    typeof exported.checks === 'object'
  );
}

function importFrom(labs: string, id: string, module: string): Promise<unknown> {
  const path = compiled ? join(projectRoot, 'dist/labs', id, `${module}.js`) : join(labs, id, `${module}.ts`);
  return import(pathToFileURL(path).href);
}

function readTexts(id: string, folder: string): LabTexts {
  const readme = sections(readFileSync(join(folder, 'README.md'), 'utf8'));
  const need = (name: string): string => {
    const text = readme.get(name);
    if (!text) throw new Error(`labs/${id}/README.md has no section "## ${name}"`);
    return text;
  };
  const hints = sections(readFileSync(join(folder, 'hints.md'), 'utf8'));
  return {
    situation: need('Situation'),
    task: need('Your task'),
    mustKeepWorking: need('What must keep working'),
    hints: [...hints.keys()]
      .filter((name) => /^\d+$/.test(name))
      .sort((a, b) => Number(a) - Number(b))
      .map((name) => hints.get(name)!),
    solution: readFileSync(join(folder, 'solution.md'), 'utf8'),
  };
}

/** The text under each `## heading`. */
function sections(markdown: string): Map<string, string> {
  const out = new Map<string, string>();
  let name: string | undefined;
  let lines: string[] = [];
  const end = (): void => {
    if (name !== undefined) out.set(name, lines.join('\n').trim());
    lines = [];
  };
  for (const line of markdown.split('\n')) {
    const match = /^## +(.+?) *$/.exec(line);
    if (match) {
      end();
      name = match[1]!;
    } else lines.push(line);
  }
  end();
  return out;
}
