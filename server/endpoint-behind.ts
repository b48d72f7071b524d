import type { Logger } from 'pino';
import type { Lab } from './catalogue/catalogue.ts';
import type { Cloud } from './cloud/cloud.ts';
import type { Backend } from './cloud/upstream/backend.ts';
import { executorHandler } from './cloud/upstream/executor.ts';
import type { Config } from './config.ts';
import type { Upstreams } from './training/upstreams.ts';

/** Runs functions that an emulator's executor plugin hands over. Without a token nobody can ask. */
export function executorOf(
  config: Config,
  backend: Backend | undefined,
  cloudOf: (account: string) => Cloud | undefined,
  log: (message: string, details: object) => void,
): ReturnType<typeof executorHandler> | undefined {
  if (!backend || config.executorToken === undefined) return undefined;
  return executorHandler({
    token: config.executorToken,
    async cloudOf(account) {
      backend.executorAsked(account);
      const cloud = cloudOf(account) ?? backend.mirrors.get(account);
      await cloud?.fresh();
      return cloud;
    },
    log,
  });
}

/** Says which endpoint attempts live in and what it can do, and removes what an earlier life of this server left in it. */
export async function introduce(
  backend: Backend,
  upstreams: Upstreams,
  labs: () => readonly Lab[],
  log: Logger,
): Promise<void> {
  try {
    const report = await backend.ready();
    log.info(
      { ...report, beside: backend.beside, labs: labs().map(({ id }) => id) },
      `attempts live in ${backend.title}`,
    );
  } catch (error) {
    log.error({ endpoint: backend.endpoint }, (error as Error).message);
  }
  await upstreams.reconcile();
}

/** Why no lab can be started in an endpoint; undefined where they can, and until the endpoint has answered. */
export function unfit(backend: Backend | undefined, { accounts }: Config): string | undefined {
  if (!backend?.report) return undefined;
  const { functions, services } = backend.report;
  if (functions === 'nobody')
    return `${backend.title} runs no functions (${services.lambda?.because ?? 'it does not say why'}): start it with our executor plugin.`;
  // What an event starts there is code of learners, and nobody contains it.
  if (accounts && functions === 'its own')
    return `${backend.title} runs functions that events start in a process of its own, which contains nothing: with accounts it needs our executor plugin.`;
  return undefined;
}
