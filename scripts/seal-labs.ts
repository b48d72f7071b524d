import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadCatalogue } from '../server/catalogue/catalogue.ts';
import { sealOf } from '../server/catalogue/seal.ts';
import { projectRoot } from '../server/paths.ts';

// Writes labs/versions.json: which content each version of a lab has. The contract test compares it.
const path = join(projectRoot, 'labs/versions.json');
const sealed = existsSync(path)
  ? (JSON.parse(readFileSync(path, 'utf8')) as Record<string, Record<string, string>>)
  : {};
const { labs, broken } = await loadCatalogue();
for (const { problem } of broken) {
  process.stderr.write(`not sealed: ${problem}\n`);
  process.exitCode = 1;
}
for (const lab of labs) {
  const versions = (sealed[lab.id] ??= {});
  versions[String(lab.metadata.version)] = sealOf(lab.folder);
}
writeFileSync(path, `${JSON.stringify(sealed, null, 2)}\n`);
