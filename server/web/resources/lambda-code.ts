import { type Zippable, zipSync } from 'fflate';
import { readZip, readZipEntry } from '../../cloud/runtime/zip.ts';
import { LearnerError } from '../../training/errors.ts';
import { bytes } from '../format.ts';
import { type Aws, commandFor } from './aws.ts';
import { field, hidden, remove } from './forms.ts';
import type { Action, Panel } from './types.ts';

/** What the editor takes on: a learner may deploy 250 MB by other clients. */
const mostUnzipped = 20_000_000;
const mostFiles = 200;
const mostText = 200_000;
const mostOpen = 6;

type Files = Map<string, Buffer>;

/** The files of a package as editors; binary and long ones by name. */
// biome-ignore lint/suspicious/noExplicitAny: GetFunction's answer
export async function codePanels(aws: Aws, answer: any): Promise<Panel[]> {
  let files: Files;
  try {
    files = await readFiles(aws, answer);
  } catch (error) {
    return [{ title: 'Code', note: `The package cannot be edited here: ${(error as Error).message}` }];
  }
  const FunctionName = answer.Configuration.FunctionName as string;
  const command = commandFor('lambda', 'UpdateFunctionCode', { FunctionName, ZipFile: 'fileb://function.zip' });
  // The handler's file first, then by name.
  const entry = `${String(answer.Configuration.Handler ?? '').split('.')[0]}.`;
  const ordered = [...files].sort(([a], [b]) => Number(b.startsWith(entry)) - Number(a.startsWith(entry)));
  const panels: Panel[] = ordered.slice(0, mostFiles).map(([path, content], index) => {
    const text = asText(content);
    const removal = remove('delete-file', 'Delete file', [hidden('path', path)], `Delete ${path} from the package?`);
    if (text === undefined)
      return {
        title: `Code: ${path}`,
        closed: true,
        note: `${bytes(content.length)}, not shown as text.`,
        forms: [removal],
      };
    return {
      title: `Code: ${path}`,
      closed: index >= mostOpen || path.startsWith('node_modules/'),
      forms: [
        {
          action: 'put-file',
          submit: 'Apply',
          fields: [
            hidden('path', path),
            {
              name: 'text',
              label: path,
              type: 'code',
              value: text,
              language: /\.[cm]?js$/.test(path) ? 'javascript' : path.endsWith('.json') ? 'json' : 'text',
            },
          ],
          command,
        },
        removal,
      ],
    };
  });
  if (files.size > mostFiles)
    panels.push({ title: 'More files', note: `${files.size - mostFiles} more files are in the package.` });
  panels.push({
    title: 'Add a file',
    closed: true,
    forms: [
      {
        action: 'put-file',
        submit: 'Add file',
        fields: [
          field('path', 'Path', { required: true, placeholder: 'lib/check.mjs' }),
          { name: 'text', label: 'Text', type: 'code', language: 'javascript' },
        ],
      },
    ],
  });
  return panels;
}

export const codeActions: Record<string, Action> = {
  async 'put-file'(aws, FunctionName, values) {
    const path = values.text('path');
    await change(aws, FunctionName, (files) => files.set(path, Buffer.from(values.raw('text'))));
    return undefined;
  },
  async 'delete-file'(aws, FunctionName, values) {
    const path = values.text('path');
    await change(aws, FunctionName, (files) => files.delete(path));
    return undefined;
  },
};

/** Files as a zip with a fixed date, names sorted. */
export function zipOf(files: Files): Uint8Array {
  const entries: Zippable = {};
  for (const path of [...files.keys()].sort())
    entries[path] = [files.get(path)!, { mtime: new Date('2026-01-01T00:00:00'), os: 3, attrs: 0o644 << 16 }];
  return zipSync(entries, { level: 6 });
}

async function change(aws: Aws, FunctionName: string, edit: (files: Files) => void): Promise<void> {
  const files = await readFiles(aws, await aws.call('lambda', 'GetFunction', { FunctionName }));
  edit(files);
  if (files.size === 0) throw new LearnerError(422, 'A package needs at least one file.');
  const ZipFile = zipOf(files);
  await aws.call('lambda', 'UpdateFunctionCode', { FunctionName, ZipFile });
  // A zip on a command line reads as noise: the file's name stands for it.
  aws.changes[aws.changes.length - 1] = commandFor('lambda', 'UpdateFunctionCode', {
    FunctionName,
    ZipFile: 'fileb://function.zip',
  });
}

// biome-ignore lint/suspicious/noExplicitAny: GetFunction's answer
async function readFiles(aws: Aws, answer: any): Promise<Files> {
  const zip = answer.Code?.Location ? aws.code(answer.Code.Location) : undefined;
  if (!zip) throw new LearnerError(409, 'the function has no zip package.');
  const files: Files = new Map();
  for (const entry of readZip(zip, mostUnzipped)) {
    if (entry.kind === 'symlink') throw new LearnerError(409, `${entry.path} is a symbolic link.`);
    if (entry.kind === 'file') files.set(entry.path, await readZipEntry(zip, entry));
  }
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function asText(content: Buffer): string | undefined {
  if (content.length > mostText || content.includes(0)) return undefined;
  const text = content.toString('utf8');
  return Buffer.from(text).equals(content) && !text.includes('\r') ? text : undefined;
}
