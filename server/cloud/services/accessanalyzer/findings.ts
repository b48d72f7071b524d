import type {
  FindingSummary,
  FindingSummaryV2,
  GetFindingCommandInput,
  GetFindingCommandOutput,
  GetFindingV2CommandInput,
  GetFindingV2CommandOutput,
  ListFindingsCommandInput,
  ListFindingsCommandOutput,
  ListFindingsV2CommandInput,
  ListFindingsV2CommandOutput,
} from '@aws-sdk/client-accessanalyzer';
import { type CallContext, operation } from '../../context.ts';
import { NotEmulated } from '../../errors.ts';
import { type Page, paginate } from '../../paginate.ts';
import { type AnalyzerRecord, analyzerAccess, analyzerName, getAnalyzer } from './analyzers.ts';
import { invalid, invalidToken, notFound } from './errors.ts';
import { type ExternalAccess, externalAccess, mostQuestions } from './external-access.ts';
import { sharedResources } from './resources.ts';

/** Findings are worked out at every look: they are always of now, and one that was fixed is gone. */

interface Listing {
  analyzerArn?: string | undefined;
  filter?:
    | Record<
        string,
        {
          eq?: string[] | undefined;
          neq?: string[] | undefined;
          contains?: string[] | undefined;
          exists?: boolean | undefined;
        }
      >
    | undefined;
  nextToken?: string | undefined;
  maxResults?: number | undefined;
}

async function all(ctx: CallContext): Promise<ExternalAccess[]> {
  const budget = { questions: mostQuestions };
  const found: ExternalAccess[] = [];
  for (const resource of sharedResources(ctx.state, ctx)) found.push(...(await externalAccess(resource, budget)));
  return found.sort((a, b) => (a.id < b.id ? -1 : 1));
}

const fields: Record<string, (finding: ExternalAccess) => string[]> = {
  id: ({ id }) => [id],
  resource: ({ resource }) => [resource.arn],
  resourceType: ({ resource }) => [resource.type],
  resourceOwnerAccount: ({ resource }) => [resource.owner],
  isPublic: ({ isPublic }) => [String(isPublic)],
  status: () => ['ACTIVE'],
  findingType: () => ['ExternalAccess'],
  'principal.AWS': ({ principal }) => [principal.AWS ?? ''],
  'principal.Federated': ({ principal }) => [principal.Federated ?? ''],
};

async function listed(ctx: CallContext, input: Listing): Promise<Page<ExternalAccess>> {
  getAnalyzer(ctx, analyzerName(input.analyzerArn));
  const filters = Object.entries(input.filter ?? {});
  const unknown = filters.find(([field]) => !Object.hasOwn(fields, field));
  if (unknown) throw invalid(`The filter key ${unknown[0].slice(0, 64)} is not supported.`);
  const found = (await all(ctx)).filter((finding) =>
    filters.every(([field, { eq, neq, contains, exists }]) => {
      const values = fields[field]!(finding);
      return (
        (!eq || values.some((value) => eq.includes(value))) &&
        (!neq || !values.some((value) => neq.includes(value))) &&
        (!contains || contains.some((part) => values.some((value) => value.includes(part)))) &&
        (exists === undefined || exists === values.some((value) => value !== ''))
      );
    }),
  );
  return paginate(found, ({ id }) => id, {
    token: input.nextToken,
    limit: input.maxResults,
    max: 100,
    invalid: invalidToken,
  });
}

async function found(ctx: CallContext, input: { analyzerArn?: string | undefined; id?: string | undefined }) {
  const analyzer = getAnalyzer(ctx, analyzerName(input.analyzerArn));
  const finding = (await all(ctx)).find(({ id }) => id === input.id);
  if (!finding) throw notFound(`Finding ${(input.id ?? '').slice(0, 64)} was not found.`, input.id ?? '', 'Finding');
  return { analyzer, finding };
}

function times(ctx: CallContext, analyzer: AnalyzerRecord) {
  const now = new Date(ctx.now);
  return { createdAt: new Date(analyzer.created), updatedAt: new Date(analyzer.created), analyzedAt: now };
}

const about = (finding: ExternalAccess) => ({
  id: finding.id,
  resource: finding.resource.arn,
  resourceType: finding.resource.type,
  resourceOwnerAccount: finding.resource.owner,
  status: 'ACTIVE' as const,
});

const details = (finding: ExternalAccess) => ({
  principal: finding.principal,
  action: finding.actions,
  condition: finding.condition,
  isPublic: finding.isPublic,
  sources: [{ type: 'POLICY' as const }],
});

/** https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_ListFindings.html */
export const ListFindings = operation<ListFindingsCommandInput, ListFindingsCommandOutput>({
  access: (ctx, input) => analyzerAccess(ctx, 'ListFindings', analyzerName(input.analyzerArn)),
  async run(ctx, input) {
    if (input.sort) throw new NotEmulated('access-analyzer: sorted findings');
    const { page, next } = await listed(ctx, input);
    const analyzer = getAnalyzer(ctx, analyzerName(input.analyzerArn));
    const findings = page.map(
      (each): FindingSummary => ({ ...about(each), ...details(each), ...times(ctx, analyzer) }),
    );
    return { findings, ...(next ? { nextToken: next } : {}) };
  },
});

/** https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_ListFindingsV2.html: its right is ListFindings. */
export const ListFindingsV2 = operation<ListFindingsV2CommandInput, ListFindingsV2CommandOutput>({
  access: (ctx, input) => analyzerAccess(ctx, 'ListFindings', analyzerName(input.analyzerArn)),
  async run(ctx, input) {
    if (input.sort) throw new NotEmulated('access-analyzer: sorted findings');
    const { page, next } = await listed(ctx, input);
    const analyzer = getAnalyzer(ctx, analyzerName(input.analyzerArn));
    const findings = page.map(
      (each): FindingSummaryV2 => ({ ...about(each), findingType: 'ExternalAccess', ...times(ctx, analyzer) }),
    );
    return { findings, ...(next ? { nextToken: next } : {}) };
  },
});

/** https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_GetFinding.html */
export const GetFinding = operation<GetFindingCommandInput, GetFindingCommandOutput>({
  access: (ctx, input) => analyzerAccess(ctx, 'GetFinding', analyzerName(input.analyzerArn)),
  async run(ctx, input) {
    const { analyzer, finding } = await found(ctx, input);
    return { finding: { ...about(finding), ...details(finding), ...times(ctx, analyzer) } };
  },
});

/** https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_GetFindingV2.html: its right is GetFinding. */
export const GetFindingV2 = operation<GetFindingV2CommandInput, GetFindingV2CommandOutput>({
  access: (ctx, input) => analyzerAccess(ctx, 'GetFinding', analyzerName(input.analyzerArn)),
  async run(ctx, input) {
    const { analyzer, finding } = await found(ctx, input);
    return {
      ...about(finding),
      findingType: 'ExternalAccess',
      findingDetails: [{ externalAccessDetails: details(finding) }],
      ...times(ctx, analyzer),
    };
  },
});
