import type { DescribeParametersCommandInput, DescribeParametersCommandOutput } from '@aws-sdk/client-ssm';
import { operation } from '../../context.ts';
import { AwsError } from '../../errors.ts';
import { paginate } from '../../paginate.ts';
import { describeKeys, matches, matchesOld } from './filters.ts';
import { invalidToken } from './get.ts';
import { getVersion, invalid, parameterArn, parameters } from './store.ts';

export const DescribeParameters = operation<DescribeParametersCommandInput, DescribeParametersCommandOutput>({
  access: (ctx) => ({ action: 'ssm:DescribeParameters', resource: `arn:aws:ssm:${ctx.region}:${ctx.account}:*` }),
  run(ctx, input) {
    if (input.Filters?.length && input.ParameterFilters?.length)
      throw invalid('You can use either Filters or ParameterFilters in a single request.');
    if (input.MaxResults !== undefined && (input.MaxResults < 1 || input.MaxResults > 50))
      throw new AwsError(
        'ValidationException',
        `1 validation error detected: Value '${input.MaxResults}' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 50`,
      );
    const all = ctx.state
      .list(parameters, ctx)
      .map(({ value }) => value)
      .filter(
        (parameter) =>
          matches(ctx, parameter, input.ParameterFilters, describeKeys) && matchesOld(ctx, parameter, input.Filters),
      );
    const { page, next } = paginate(all, ({ name }) => name, {
      token: input.NextToken,
      limit: input.MaxResults,
      max: 50,
      invalid: invalidToken,
    });
    return {
      Parameters: page.map((parameter) => {
        const version = getVersion(ctx, parameter, undefined);
        return {
          Name: parameter.name,
          ARN: parameterArn(parameter, parameter.name),
          Type: version.type,
          ...(version.keyId ? { KeyId: version.keyId } : {}),
          LastModifiedDate: new Date(version.modified),
          LastModifiedUser: version.user,
          ...(version.description === undefined ? {} : { Description: version.description }),
          ...(version.allowedPattern === undefined ? {} : { AllowedPattern: version.allowedPattern }),
          Version: version.version,
          Tier: version.tier,
          Policies: [],
          DataType: parameter.dataType,
        };
      }),
      ...(next ? { NextToken: next } : {}),
    };
  },
});
