import type {
  AnalyzerSummary,
  CreateAnalyzerCommandInput,
  CreateAnalyzerCommandOutput,
  DeleteAnalyzerCommandInput,
  DeleteAnalyzerCommandOutput,
  GetAnalyzerCommandInput,
  GetAnalyzerCommandOutput,
  ListAnalyzersCommandInput,
  ListAnalyzersCommandOutput,
  ListTagsForResourceCommandInput,
  ListTagsForResourceCommandOutput,
  TagResourceCommandInput,
  TagResourceCommandOutput,
  UntagResourceCommandInput,
  UntagResourceCommandOutput,
} from '@aws-sdk/client-accessanalyzer';
import { type Access, type CallContext, type ConditionContext, operation } from '../../context.ts';
import { NotEmulated } from '../../errors.ts';
import { paginate } from '../../paginate.ts';
import { defineTable, type Scope } from '../../state/table.ts';
import { requestTagContext, resourceTagContext, type Tags } from '../../tags.ts';
import { conflict, invalid, invalidToken, notFound, quotaExceeded } from './errors.ts';

export interface AnalyzerRecord {
  name: string;
  created: number;
  tags: Tags;
}

/** Analyzers of external access, one an account and region as in AWS. Id: the name. */
export const analyzers = defineTable<AnalyzerRecord>('accessanalyzer.analyzers');

const arnOf = (scope: Scope, name: string): string =>
  `arn:aws:access-analyzer:${scope.region}:${scope.account}:analyzer/${name}`;

export function analyzerAccess(ctx: CallContext, action: string, name: string, context: ConditionContext = {}): Access {
  return {
    action: `access-analyzer:${action}`,
    resource: arnOf(ctx, name),
    context: { ...resourceTagContext(ctx.state.get(analyzers, ctx, name)?.tags), ...context },
  };
}

/** The name in an analyzer's ARN. @throws ValidationException */
export function analyzerName(arn: string | undefined): string {
  const found = /^arn:aws:access-analyzer:[a-z0-9-]+:\d{12}:analyzer\/([A-Za-z][\w.-]{0,254})$/.exec(arn ?? '');
  if (!found) throw invalid('Invalid analyzer ARN.');
  return found[1]!;
}

/** @throws ResourceNotFoundException */
export function getAnalyzer(ctx: CallContext, name: string): AnalyzerRecord {
  const found = ctx.state.get(analyzers, ctx, name);
  if (!found) throw notFound(`Analyzer ${name} was not found.`, name, 'Analyzer');
  return found;
}

function checkTags(tags: Tags): void {
  if (Object.keys(tags).length > 50) throw invalid('A resource can have at most 50 tags.');
  for (const [key, value] of Object.entries(tags))
    if (key.length < 1 || key.length > 128 || value.length > 256 || /^aws:/i.test(key))
      throw invalid(`The tag ${key.slice(0, 128)} is not valid.`);
}

const view = (scope: Scope, analyzer: AnalyzerRecord): AnalyzerSummary => ({
  arn: arnOf(scope, analyzer.name),
  name: analyzer.name,
  type: 'ACCOUNT',
  createdAt: new Date(analyzer.created),
  status: 'ACTIVE',
  tags: analyzer.tags,
});

/** https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_CreateAnalyzer.html: one of its type. */
export const CreateAnalyzer = operation<CreateAnalyzerCommandInput, CreateAnalyzerCommandOutput>({
  access: (ctx, input) =>
    analyzerAccess(ctx, 'CreateAnalyzer', input.analyzerName ?? '', requestTagContext(input.tags)),
  run(ctx, input) {
    const name = input.analyzerName ?? '';
    if (!/^[A-Za-z][\w.-]{0,254}$/.test(name)) throw invalid('The analyzer name is not valid.');
    if (input.type !== 'ACCOUNT') throw new NotEmulated(`access-analyzer: analyzers of type ${input.type}`);
    if (input.archiveRules?.length) throw new NotEmulated('access-analyzer: archive rules');
    const tags = input.tags ?? {};
    checkTags(tags);
    if (ctx.state.get(analyzers, ctx, name)) throw conflict(`Analyzer ${name} already exists.`, name, 'Analyzer');
    if (ctx.state.list(analyzers, ctx).length >= 1)
      throw quotaExceeded('The account has reached its quota of analyzers of type ACCOUNT.', name, 'Analyzer');
    ctx.state.put(analyzers, ctx, name, { name, created: ctx.now, tags });
    return { arn: arnOf(ctx, name) };
  },
});

/** https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_GetAnalyzer.html */
export const GetAnalyzer = operation<GetAnalyzerCommandInput, GetAnalyzerCommandOutput>({
  access: (ctx, input) => analyzerAccess(ctx, 'GetAnalyzer', input.analyzerName ?? ''),
  run: (ctx, input) => ({ analyzer: view(ctx, getAnalyzer(ctx, input.analyzerName ?? '')) }),
});

/** https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_ListAnalyzers.html */
export const ListAnalyzers = operation<ListAnalyzersCommandInput, ListAnalyzersCommandOutput>({
  access: () => ({ action: 'access-analyzer:ListAnalyzers', resource: '*' }),
  run(ctx, input) {
    const all = ctx.state.list(analyzers, ctx).filter(() => input.type === undefined || input.type === 'ACCOUNT');
    const { page, next } = paginate(all, ({ id }) => id, {
      token: input.nextToken,
      limit: input.maxResults,
      max: 100,
      invalid: invalidToken,
    });
    return { analyzers: page.map(({ value }) => view(ctx, value)), ...(next ? { nextToken: next } : {}) };
  },
});

/** https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_DeleteAnalyzer.html */
export const DeleteAnalyzer = operation<DeleteAnalyzerCommandInput, DeleteAnalyzerCommandOutput>({
  access: (ctx, input) => analyzerAccess(ctx, 'DeleteAnalyzer', input.analyzerName ?? ''),
  run(ctx, input) {
    ctx.state.delete(analyzers, ctx, getAnalyzer(ctx, input.analyzerName ?? '').name);
    return {};
  },
});

/** https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_TagResource.html */
export const TagResource = operation<TagResourceCommandInput, TagResourceCommandOutput>({
  access: (ctx, input) =>
    analyzerAccess(ctx, 'TagResource', analyzerName(input.resourceArn), requestTagContext(input.tags)),
  run(ctx, input) {
    const analyzer = getAnalyzer(ctx, analyzerName(input.resourceArn));
    const tags = { ...analyzer.tags, ...input.tags };
    checkTags(tags);
    ctx.state.put(analyzers, ctx, analyzer.name, { ...analyzer, tags });
    return {};
  },
});

/** https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_UntagResource.html */
export const UntagResource = operation<UntagResourceCommandInput, UntagResourceCommandOutput>({
  access: (ctx, input) =>
    analyzerAccess(ctx, 'UntagResource', analyzerName(input.resourceArn), { 'aws:TagKeys': input.tagKeys ?? [] }),
  run(ctx, input) {
    const analyzer = getAnalyzer(ctx, analyzerName(input.resourceArn));
    const gone = new Set(input.tagKeys);
    const tags = Object.fromEntries(Object.entries(analyzer.tags).filter(([key]) => !gone.has(key)));
    ctx.state.put(analyzers, ctx, analyzer.name, { ...analyzer, tags });
    return {};
  },
});

/** https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_ListTagsForResource.html */
export const ListTagsForResource = operation<ListTagsForResourceCommandInput, ListTagsForResourceCommandOutput>({
  access: (ctx, input) => analyzerAccess(ctx, 'ListTagsForResource', analyzerName(input.resourceArn)),
  run: (ctx, input) => ({ tags: getAnalyzer(ctx, analyzerName(input.resourceArn)).tags }),
});
