import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { loadCatalogue } from '../server/catalogue/catalogue.ts';
import { sealOf } from '../server/catalogue/seal.ts';
import { readConfig } from '../server/config.ts';

// Writes versions.json of each folder with labs: which content each version of a lab has. The contract compares it.
const folders = (readConfig(process.env).labFolders ?? []).map((folder) => resolve(folder));
const { labs, broken } = await loadCatalogue(folders);
for (const { problem } of broken) {
  process.stderr.write(`not sealed: ${problem}\n`);
  process.exitCode = 1;
}
for (const folder of new Set(labs.map((lab) => dirname(lab.folder)))) {
  const path = join(folder, 'versions.json');
  const sealed = existsSync(path)
    ? (JSON.parse(readFileSync(path, 'utf8')) as Record<string, Record<string, string>>)
    : {};
  for (const lab of labs.filter((each) => dirname(each.folder) === folder))
    (sealed[lab.id] ??= {})[String(lab.metadata.version)] = sealOf(lab.folder);
  writeFileSync(path, `${JSON.stringify(sealed, null, 2)}\n`);
}
