import { alphanumeric, type CheckContext, digits, hex, type Row, type World } from '../../server/kit.ts';

/** The shop: what is in its tables, and what each function has to do. */

/** Tables and their keys. */
export const tables: Record<string, string> = {
  orders: 'orderId',
  'orders-archive': 'orderId',
  refunds: 'refundId',
  subscribers: 'email',
};

export const queues = ['packing', 'mail-out', 'mail-out-failed'];

/** What a function needs besides its log: rows that it reads, rows that it writes, queues that it sends to. */
export interface Job {
  reads: string[];
  writes: string[];
  sends: string[];
}

export const jobs = {
  orders: { reads: ['orders'], writes: ['orders'], sends: ['packing'] },
  refunds: { reads: ['orders', 'refunds'], writes: ['refunds'], sends: [] },
  newsletter: { reads: ['subscribers'], writes: [], sends: ['mail-out'] },
} satisfies Record<string, Job>;

export type FunctionName = keyof typeof jobs;

export const functionNames = Object.keys(jobs) as FunctionName[];

/** An order of the grade: the same in all its checks. */
export const paidOrder = (ctx: CheckContext): Row => ({
  orderId: `o-${ctx.gradeId}`,
  item: 'Peonies',
  cents: 4250,
});

/** The newsletter's readers, in a grade. */
export const readers = (ctx: CheckContext): Row[] =>
  ['Mo', 'Zoë', 'Ines'].map((name, at) => ({
    email: `${name.length}${at}-${ctx.gradeId}@example.com`,
    name,
    city: 'Riga',
  }));

/** What the tables begin with. */
export const firstRows = (world: World): [string, Row[]][] => [
  ['orders', [{ orderId: `o-${hex(world.random, 8)}`, item: 'Tulips', cents: 1990 }]],
  ['orders-archive', [{ orderId: 'o-2019-1', item: 'Roses', cents: 3500, card: `XX${digits(world.random, 14)}` }]],
  ['subscribers', [{ email: 'noor@example.com', name: 'Noor', city: 'Ghent' }]],
];

/** A name that nobody has seen before. */
export const fresh = (ctx: CheckContext, prefix: string): string => `${prefix}-${alphanumeric(ctx.random, 8)}`;
