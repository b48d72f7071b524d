import { z } from 'zod';
import lists from './controls.json' with { type: 'json' };
import guide from './guide.json' with { type: 'json' };

export const tracks = ['identity', 'network', 'dependencies', 'secrets', 'injection', 'logging'] as const;

/** What the curriculum's guide says, sentence by sentence, in our words. */
export const guideSentences: readonly {
  id: string;
  section: string;
  says: string;
  planned?: boolean;
  page?: string;
}[] = guide;

const sentenceIds = guide.map(({ id }) => id);

const catalogues = ['cwe', 'attack', 'owasp', 'securityHub', 'checkov', 'prowler'] as const;

const sets = new Map<string, ReadonlySet<string>>();

function known(name: keyof typeof lists): ReadonlySet<string> {
  const set = sets.get(name) ?? new Set(lists[name].ids.split(' '));
  sets.set(name, set);
  return set;
}

/** lab.json. Unknown members are refused, so that a misspelt one is found by the lint and not by a learner. */
export const labMetadata = z.strictObject({
  $schema: z.string().optional(),
  title: z.string().min(3).max(60),
  /** One sentence for the catalogue. */
  summary: z.string().min(10).max(200),
  track: z.enum(tracks),
  order: z.int().min(1),
  difficulty: z.enum(['starter', 'easy', 'medium', 'hard']),
  minutes: z.int().min(5).max(240),
  /** Bumped when what is graded changes. */
  version: z.int().min(1),
  status: z.enum(['draft', 'active', 'retired']),
  skills: z.array(z.string()).min(1),
  /** The sentences of the guide (`guide.json`) that the lab is about. */
  guide: z.array(z.enum(sentenceIds as [string, ...string[]])).min(1),
  /** Labs that are better done before. */
  prerequisites: z.array(z.string()).default([]),
  /** Identifiers of other catalogues, each in the list that `controls.json` has of it, with its source and date. */
  controls: z.partialRecord(z.enum(catalogues), z.array(z.string()).min(1)).superRefine((controls, check) => {
    for (const [name, ids] of Object.entries(controls))
      for (const [at, id] of (ids ?? []).entries())
        if (!known(name as keyof typeof lists).has(id)) {
          const { version, source } = lists[name as keyof typeof lists];
          check.addIssue({
            code: 'custom',
            path: [name, at],
            message: `${id} is not in ${name} ${version} (${source})`,
          });
        }
  }),
  references: z.array(z.strictObject({ title: z.string(), url: z.url() })),
  /** Points that each hint takes off what the lab can still be worth. */
  hintCost: z.int().min(0).max(50).default(5),
});

/** lab.json as JSON Schema, for editors (`docs/lab.schema.json`). */
export const labSchema = (): object => z.toJSONSchema(labMetadata, { io: 'input' });

export type LabMetadata = z.infer<typeof labMetadata>;

/** The learner's texts, as Markdown. */
export interface LabTexts {
  situation: string;
  task: string;
  mustKeepWorking: string;
  hints: string[];
  solution: string;
}
