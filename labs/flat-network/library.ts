import {
  type CheckContext,
  clusterPlaces,
  digits,
  type LabFacts,
  lineServer,
  readJson,
  remember,
  remembered,
  type SimulatedHost,
} from '../../server/kit.ts';

/** The library's functions, its database of loans, and the catalogue of a neighbour. */

export const issuer = 'issue-loan';
export const asker = 'ask-neighbour';
export const queue = 'reminders';
export const cluster = 'loans-db';
export const neighbour = 'catalogue.brackley.example';
export const neighbourPort = 8080;

export interface Loan {
  loan: string;
  reader: string;
  book: string;
}

export const newLoan = (ctx: CheckContext): Loan => ({
  loan: `L-${digits(ctx.random, 9)}`,
  reader: `R-${digits(ctx.random, 8)}`,
  book: `978${digits(ctx.random, 10)}`,
});

type State = Parameters<typeof clusterPlaces>[0];

/** Every cluster of the account holds the loans, so that it may be rebuilt elsewhere. */
export function databases(state: State, account: string, region: string): SimulatedHost[] {
  return clusterPlaces(state, { account, region }).map((place) => ({
    name: place.endpoint,
    port: place.port,
    place,
    tcp: (socket, transact) => lineServer(socket, (line) => transact((ctx) => answer(ctx, line))),
  }));
}

/** `PUT {json}` → `{"kept":true}`, `GET L-1001` → the loan or `null`. It asks nobody for a name. */
function answer(ctx: Parameters<typeof remember>[0], line: string): object | null {
  if (line.startsWith('GET ')) return remembered(ctx, cluster).findLast(({ loan }) => loan === line.slice(4)) ?? null;
  if (!line.startsWith('PUT ')) return { error: 'unknown command' };
  const { loan, reader, book } = readJson(line.slice(4));
  if (typeof loan !== 'string' || typeof reader !== 'string') return { error: 'a loan needs a number and a reader' };
  remember(ctx, cluster, { loan, reader, book });
  return { kept: true };
}

/** The catalogue of a neighbour, out on the internet: `FIND isbn`. */
export const catalogue = ({ secrets }: Pick<LabFacts, 'secrets'>): SimulatedHost => ({
  name: neighbour,
  port: neighbourPort,
  place: { kind: 'internet', ip: secrets['address of the neighbour']! },
  tcp: (socket) =>
    lineServer(socket, (line) =>
      line.startsWith('FIND ') ? { isbn: line.slice(5), held: true } : { error: 'FIND what?' },
    ),
});

/** The databases as they stand now. */
export const databasesNow = (ctx: CheckContext): SimulatedHost[] =>
  databases(ctx.cloud.state, ctx.account().id, ctx.region);
