import type { Service } from '../../context.ts';
import { DescribeInstanceInformation, ListDocuments, ListResourceComplianceSummaries } from './absent.ts';
import { DescribeParameters } from './describe.ts';
import { GetParameter, GetParameterHistory, GetParameters, GetParametersByPath } from './get.ts';
import { LabelParameterVersion, UnlabelParameterVersion } from './labels.ts';
import { DeleteParameter, DeleteParameters, PutParameter } from './parameters.ts';
import { AddTagsToResource, ListTagsForResource, RemoveTagsFromResource } from './tags.ts';

export { type ParameterRecord, parameterArn, parameters } from './store.ts';

export const ssm: Service = {
  id: 'ssm',
  operations: {
    AddTagsToResource,
    DeleteParameter,
    DeleteParameters,
    DescribeInstanceInformation,
    DescribeParameters,
    GetParameter,
    GetParameterHistory,
    GetParameters,
    GetParametersByPath,
    LabelParameterVersion,
    ListDocuments,
    ListResourceComplianceSummaries,
    ListTagsForResource,
    PutParameter,
    RemoveTagsFromResource,
    UnlabelParameterVersion,
  },
};
