import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadCatalogue } from '../server/catalogue/catalogue.ts';
import { projectRoot } from '../server/paths.ts';
import { coveragePage } from './coverage-page.ts';

// Writes docs/coverage.md.
writeFileSync(join(projectRoot, 'docs/coverage.md'), coveragePage((await loadCatalogue()).labs));
