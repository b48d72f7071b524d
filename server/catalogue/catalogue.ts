import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { compiled, projectRoot } from '../paths.ts';
import type { Indifferent, LabDefinition, Submission } from './definition.ts';
import { importOutside } from './outside.ts';
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

/**
 * Reads every lab folder; one that cannot be read is told and left out.
 * @param more folders with labs of an organisation's own (`LABS_DIR`), laid out as `labs/` is
 * @throws Error for a folder that cannot be listed
 */
export async function loadCatalogue(more: readonly string[] = [], own = labsFolder): Promise<Catalogue> {
  const labs: Lab[] = [];
  const broken: BrokenLab[] = [];
  const taken = new Set<string>();
  const reading: Promise<void>[] = [];
  for (const folder of [own, ...more])
    for (const id of labsIn(folder)) {
      if (taken.has(id)) {
        broken.push({ id, problem: `${join(folder, id)}: another folder has a lab of this name` });
        continue;
      }
      taken.add(id);
      reading.push(
        loadLab(folder, id).then(
          (lab) => void labs.push(lab),
          (error: unknown) => void broken.push({ id, problem: messageOf(error) }),
        ),
      );
    }
  await Promise.all(reading);
  // By name in the end: which of two folders was read first changes.
  labs.sort(
    (a, b) =>
      tracks.indexOf(a.metadata.track) - tracks.indexOf(b.metadata.track) ||
      a.metadata.order - b.metadata.order ||
      (a.id < b.id ? -1 : 1),
  );
  const byId = new Map(labs.map((lab) => [lab.id, lab]));
  return { labs, broken, find: (id) => byId.get(id) };
}

/** Without drafts: what learners are offered, and what CI holds to the contract. */
export function withoutDrafts({ labs, broken }: Catalogue): Catalogue {
  const finished = labs.filter(({ metadata }) => metadata.status !== 'draft');
  return { labs: finished, broken, find: (id) => finished.find((lab) => lab.id === id) };
}

/** The names of the folders that hold a lab, or the beginning of one. */
function labsIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter(
      (entry) =>
        entry.isDirectory() && ['lab.json', 'lab.ts'].some((name) => existsSync(join(folder, entry.name, name))),
    )
    .map((entry) => entry.name)
    .sort();
}

interface AttemptsModule {
  default: Submission[];
  indifferent?: Indifferent[];
}

/** A lab that was read, or the name of one of the repository's. */
type LabOrId = Pick<Lab, 'folder'> | string;

/** The named submissions of a lab: for the contract test alone; nothing that serves learners calls this. */
export async function loadSubmissions(lab: LabOrId): Promise<Submission[]> {
  return (await attemptsOf(lab)).default;
}

/** The weakened fixes that no check of a lab minds, and why: for the contract test alone. */
export async function loadIndifferent(lab: LabOrId): Promise<Indifferent[]> {
  return (await attemptsOf(lab)).indifferent ?? [];
}

function attemptsOf(lab: LabOrId): Promise<AttemptsModule> {
  const folder = typeof lab === 'string' ? join(labsFolder, lab) : lab.folder;
  return importFrom(folder, 'attempts') as Promise<AttemptsModule>;
}

/** @throws Error that names the file and what is wrong with it */
async function loadLab(labs: string, id: string): Promise<Lab> {
  const folder = join(labs, id);
  const metadata = await within(`labs/${id}/lab.json`, () => readMetadata(join(folder, 'lab.json')));
  const texts = readTexts(id, folder);
  const definition = await within(`labs/${id}/lab.ts`, async () => {
    const { default: exported } = (await importFrom(folder, 'lab')) as { default?: Partial<LabDefinition> };
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

/** The repository's labs are compiled by its build; those of other folders when they are read. */
async function importFrom(folder: string, module: 'lab' | 'attempts'): Promise<unknown> {
  const source = join(folder, `${module}.ts`);
  if (dirname(folder) !== labsFolder) return importOutside(source);
  return import(
    pathToFileURL(compiled ? join(projectRoot, 'dist/labs', basename(folder), `${module}.js`) : source).href
  );
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
