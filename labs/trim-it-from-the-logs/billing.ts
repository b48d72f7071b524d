import type { CheckContext } from '../../server/kit.ts';

/** What the company has, by name; buckets and the trail have names of the attempt. */

export const functionName = 'bill-meters';
export const roleName = 'bill-meters-role';
export const trail = 'audit';
export const readerRole = 'access-analyzer-role';

/** Table → its key. The first is billing's, the second is next to it, the third is somebody else's. */
export const tables = { bills: 'bill', 'bills-archive': 'bill', customers: 'customer' } as const;
export const billingQueues = ['bills-out', 'rejected'] as const;
export const otherQueues = ['bills-out-test', 'ledger-in'] as const;
export const parameters = {
  '/billing/price': '21',
  '/billing/footer': 'Alderbrook Water, Mill Lane 4',
  '/billing/bank-login': 'kept elsewhere by now',
  '/ledger/host': 'ledger.internal',
} as const;
export const billingParameters = ['/billing/price', '/billing/footer'];
export const secret = 'prod/ledger';

/** Names of buckets, as the outputs have them. */
export interface Buckets {
  readings: string;
  statements: string;
  payroll: string;
  backup: string;
  audit: string;
}

export const bucketsOf = ({ outputs }: Pick<CheckContext, 'outputs'>): Buckets => ({
  readings: outputs['bucket of readings']!,
  statements: outputs['bucket of statements']!,
  payroll: outputs['bucket of payroll']!,
  backup: outputs["bucket of readings' backups"]!,
  audit: outputs['bucket of the trail']!,
});

export const queueUrl = (region: string, account: string, name: string): string =>
  `https://sqs.${region}.amazonaws.com/${account}/${name}`;
