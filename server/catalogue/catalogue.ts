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

/** All labs, in the order of tracks. */
export interface Catalogue {
  labs: readonly Lab[];
  find(id: string): Lab | undefined;
}

const labsFolder = join(projectRoot, 'labs');

/** Reads every lab folder. @throws Error that names the lab and what is wrong with it */
export async function loadCatalogue(): Promise<Catalogue> {
  const ids = readdirSync(labsFolder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(labsFolder, entry.name, 'lab.json')))
    .map((entry) => entry.name);
  const labs = await Promise.all(ids.map(loadLab));
  labs.sort(
    (a, b) =>
      tracks.indexOf(a.metadata.track) - tracks.indexOf(b.metadata.track) || a.metadata.order - b.metadata.order,
  );
  const byId = new Map(labs.map((lab) => [lab.id, lab]));
  return { labs, find: (id) => byId.get(id) };
}

/** The named submissions of a lab: for the contract test alone; nothing that serves learners calls this. */
export async function loadSubmissions(id: string): Promise<Submission[]> {
  return ((await importFrom(id, 'attempts')) as { default: Submission[] }).default;
}

async function loadLab(id: string): Promise<Lab> {
  const folder = join(labsFolder, id);
  const parsed = labMetadata.safeParse(JSON.parse(readFileSync(join(folder, 'lab.json'), 'utf8')));
  if (!parsed.success)
    throw new Error(
      `labs/${id}/lab.json: ${parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ')}`,
    );
  const { default: definition } = (await importFrom(id, 'lab')) as { default: LabDefinition };
  return { id, folder, metadata: parsed.data, texts: readTexts(id, folder), definition };
}

function importFrom(id: string, module: string): Promise<unknown> {
  const path = compiled ? join(projectRoot, 'dist/labs', id, `${module}.js`) : join(labsFolder, id, `${module}.ts`);
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
