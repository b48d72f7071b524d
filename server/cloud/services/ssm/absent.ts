import type {
  DescribeInstanceInformationCommandInput,
  DescribeInstanceInformationCommandOutput,
  ListDocumentsCommandInput,
  ListDocumentsCommandOutput,
  ListResourceComplianceSummariesCommandInput,
  ListResourceComplianceSummariesCommandOutput,
} from '@aws-sdk/client-ssm';
import { operation } from '../../context.ts';
import { NotEmulated } from '../../errors.ts';

/*
 * What an account has none of, as there are no machines here and no documents can be made. Auditors read them all.
 */

const everything = (name: string) => () => ({ action: `ssm:${name}`, resource: '*' });

export const DescribeInstanceInformation = operation<
  DescribeInstanceInformationCommandInput,
  DescribeInstanceInformationCommandOutput
>({ access: everything('DescribeInstanceInformation'), run: () => ({ InstanceInformationList: [] }) });

export const ListResourceComplianceSummaries = operation<
  ListResourceComplianceSummariesCommandInput,
  ListResourceComplianceSummariesCommandOutput
>({ access: everything('ListResourceComplianceSummaries'), run: () => ({ ResourceComplianceSummaryItems: [] }) });

/** The account's own; those that AWS publishes are not here. */
export const ListDocuments = operation<ListDocumentsCommandInput, ListDocumentsCommandOutput>({
  access: everything('ListDocuments'),
  run(_ctx, { Filters = [], DocumentFilterList = [] }) {
    const owners = [
      ...Filters.filter(({ Key }) => Key === 'Owner').flatMap(({ Values = [] }) => Values),
      ...DocumentFilterList.filter(({ key }) => key === 'Owner').map(({ value }) => value),
    ];
    if (!owners.some((owner) => owner === 'Self' || owner === 'Private'))
      throw new NotEmulated('ssm:ListDocuments of other owners than Self');
    return { DocumentIdentifiers: [] };
  },
});
