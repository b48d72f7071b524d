import type {
  ListVersionsByFunctionCommandInput,
  ListVersionsByFunctionCommandOutput,
  PublishVersionCommandInput,
  PublishVersionCommandOutput,
} from '@aws-sdk/client-lambda';
import { operation } from '../../context.ts';
import { NotEmulated } from '../../errors.ts';
import { paginate } from '../../paginate.ts';
import { describeVersion } from './describe.ts';
import { invalidParameter, revisionMismatch } from './errors.ts';
import { functionAccess, getFunction } from './find.ts';
import { badMarker } from './functions.ts';
import { functionTarget } from './names.ts';
import { publish } from './publish.ts';
import { versions } from './records.ts';

export const PublishVersion = operation<PublishVersionCommandInput, PublishVersionCommandOutput>({
  access: (ctx, input) => functionAccess(ctx, 'PublishVersion', functionTarget(ctx, input.FunctionName!)),
  run(ctx, input) {
    const target = functionTarget(ctx, input.FunctionName!);
    const { latest } = getFunction(ctx.state, target);
    if (input.PublishTo) throw new NotEmulated('versions for managed instances');
    if (input.RevisionId !== undefined && input.RevisionId !== latest.revisionId) throw revisionMismatch('GetFunction');
    if (input.CodeSha256 !== undefined && input.CodeSha256 !== latest.codeSha256)
      throw invalidParameter(
        `CodeSHA256 (${input.CodeSha256}) is different from current CodeSHA256 in $LATEST (${latest.codeSha256}). Please try again with the CodeSHA256 in $LATEST.`,
      );
    return describeVersion(
      ctx,
      target,
      publish(ctx, target, input.Description !== undefined ? { description: input.Description } : {}),
    );
  },
});

export const ListVersionsByFunction = operation<
  ListVersionsByFunctionCommandInput,
  ListVersionsByFunctionCommandOutput
>({
  access: (ctx, input) => functionAccess(ctx, 'ListVersionsByFunction', functionTarget(ctx, input.FunctionName!)),
  async run(ctx, input) {
    const target = functionTarget(ctx, input.FunctionName!);
    const { latest } = getFunction(ctx.state, target);
    const published = ctx.state
      .list(versions, target)
      .map(({ value }) => value)
      .filter(({ functionName }) => functionName === target.name)
      .sort((a, b) => Number(a.version) - Number(b.version));
    const { page, next } = paginate(
      [latest, ...published],
      ({ version }) => (version === '$LATEST' ? '' : version.padStart(9, '0')),
      { token: input.Marker, limit: input.MaxItems, max: 50, invalid: badMarker },
    );
    return {
      Versions: await Promise.all(page.map((version) => describeVersion(ctx, target, version, version.version))),
      ...(next ? { NextMarker: next } : {}),
    };
  },
});
