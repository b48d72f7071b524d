import { Agent } from 'node:http';
import { GetRoleCommand, IAMClient, ListRolesCommand } from '@aws-sdk/client-iam';
import { LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { loadSubmissions } from '../../server/catalogue/catalogue.ts';
import type { Submission } from '../../server/catalogue/definition.ts';
import { hashPassword } from '../../server/people/passwords.ts';
import { People } from '../../server/people/people.ts';
import { openStore } from '../../server/store/index.ts';
import { applyOverTheWire, type WireEnvironment } from '../../test/event/over-the-wire.ts';
import { openSettings } from '../../test/event/settings.ts';
import type { ServerProcess } from '../server-process.ts';

export interface Visitor {
  email: string;
  cookie: string;
  token: string;
}

export interface Entrant extends Visitor {
  lab: string;
  attempt: string;
  /** The verdict that the account deserves. */
  deserves: 'solved' | 'unsolved';
  role: string;
  clients: { iam: IAMClient; lambda: LambdaClient; ssm: SSMClient };
}

/** An answer of the server, read to its end. @throws Error for a status that is not a success */
export async function ask(server: ServerProcess, who: Visitor, path: string, init: RequestInit = {}): Promise<string> {
  const api = path.startsWith('/api/');
  const headers = {
    ...(api ? { authorization: `Bearer ${who.token}` } : { cookie: who.cookie }),
    ...(init.body ? { 'content-type': 'application/json' } : {}),
  };
  const response = await fetch(server.url + path, { ...init, headers, redirect: 'manual' });
  const text = await response.text();
  if (!response.ok) throw new Error(`${init.method ?? 'GET'} ${path}: ${response.status} ${text.slice(0, 300)}`);
  return text;
}

/** An operation of the JSON API. @throws Error for a status that is not a success */
export async function api(
  server: ServerProcess,
  who: Visitor,
  method: string,
  path: string,
  body?: object,
  // biome-ignore lint/suspicious/noExplicitAny: each caller looks into the answer as it needs
): Promise<any> {
  const text = await ask(server, who, `/api/v1${path}`, { method, ...(body ? { body: JSON.stringify(body) } : {}) });
  return text ? JSON.parse(text) : undefined;
}

/** An organiser and so many learners, signed in, in a data folder that no server uses yet. */
export async function gather(dataDir: string, learners: number): Promise<{ organiser: Visitor; learners: Visitor[] }> {
  const store = openStore(dataDir);
  try {
    const people = new People({ store, now: Date.now });
    const password = await hashPassword('a long sentence for everybody');
    const make = (email: string, role: 'learner' | 'instructor'): Visitor => {
      const { id } = people.create('bench', { email, name: email.split('@')[0]!, role, password });
      return {
        email,
        cookie: `range_session=${people.sessions.open(id, { userAgent: 'bench', address: '127.0.0.1' })}`,
        token: people.tokens.make(id, 'bench', undefined).token,
      };
    };
    return {
      organiser: make('organiser@example.com', 'instructor'),
      learners: Array.from({ length: learners }, (_, n) => make(`engineer-${n}@example.com`, 'learner')),
    };
  } finally {
    store.close();
  }
}

/** A cohort of them and an assessment of every lab that is open now. @returns its id, and the cohort's */
export async function openAssessment(
  server: ServerProcess,
  organiser: Visitor,
  learners: readonly Visitor[],
): Promise<{ assessment: string; cohort: string; labs: string[] }> {
  const cohort = (await api(server, organiser, 'POST', '/cohorts', { name: 'Platform engineers' })).id as string;
  for (const { email } of learners) await api(server, organiser, 'POST', `/cohorts/${cohort}/members`, { email });
  const labs = (await api(server, organiser, 'GET', '/labs')).labs.map(({ id }: { id: string }) => id) as string[];
  const now = Math.floor(Date.now() / 60_000) * 60_000;
  const draft = await api(server, organiser, 'POST', '/assessments', {
    cohort,
    name: 'Spring assessment',
    settings: { ...openSettings(now - 3_600_000), labs: labs.map((lab) => ({ lab, weight: 1 })) },
  });
  await api(server, organiser, 'POST', `/assessments/${draft.id}/publish`, { version: draft.version });
  return { assessment: draft.id, cohort, labs };
}

/** Begins, opens one lab, and leaves its account as it is or fixed: every second person of a lab. */
export async function sitDown(
  server: ServerProcess,
  assessment: string,
  labs: readonly string[],
  learners: readonly Visitor[],
): Promise<Entrant[]> {
  const references = new Map<string, Submission>();
  for (const lab of labs) references.set(lab, (await loadSubmissions(lab)).find(({ name }) => name === 'reference')!);
  const entrants: Entrant[] = [];
  for (const [n, learner] of learners.entries()) {
    const lab = labs[n % labs.length]!;
    await api(server, learner, 'POST', `/assessments/${assessment}/entry`, { accept: true });
    const { id: attempt } = await api(server, learner, 'POST', `/assessments/${assessment}/attempts`, { lab });
    const environment = (await api(server, learner, 'GET', `/attempts/${attempt}/environment`)) as WireEnvironment;
    const fixed = Math.floor(n / labs.length) % 2 === 1;
    if (fixed) await applyOverTheWire(server.awsUrl, environment, lab, references.get(lab)!);
    const config = {
      region: environment.region,
      endpoint: server.awsUrl,
      credentials: environment.credentials,
      maxAttempts: 1,
      requestHandler: { httpAgent: new Agent({ keepAlive: true }) },
    };
    const iam = new IAMClient(config);
    const role = (await iam.send(new ListRolesCommand({}))).Roles![0]!.RoleName!;
    entrants.push({
      ...learner,
      lab,
      attempt,
      deserves: fixed ? 'solved' : 'unsolved',
      role,
      clients: { iam, lambda: new LambdaClient(config), ssm: new SSMClient(config) },
    });
  }
  return entrants;
}

/** What somebody at work reads and edits through an AWS client. */
export const awsDeeds: ((entrant: Entrant, random: number) => Promise<unknown>)[] = [
  ({ clients, role }) => clients.iam.send(new GetRoleCommand({ RoleName: role })),
  ({ clients }) => clients.lambda.send(new ListFunctionsCommand({})),
  ({ clients }, random) =>
    clients.ssm.send(
      new PutParameterCommand({ Name: '/notes/mine', Value: String(random), Type: 'String', Overwrite: true }),
    ),
];

/** The pages that somebody at work looks at. */
export const pagesOf = ({ attempt }: Entrant, assessment: string): string[] => [
  `/attempts/${attempt}`,
  `/attempts/${attempt}`,
  `/attempts/${attempt}/tree`,
  `/attempts/${attempt}/diff`,
  `/assessments/${assessment}`,
  `/assessments/${assessment}/now`,
  `/assessments/${assessment}/scoreboard/rows?view=live&bracket=`,
];
