import { setTimeout as sleep } from 'node:timers/promises';
import { lehmer } from '../../test/progress/generated.ts';
import { type Figure, figure } from '../measure.ts';
import type { ServerProcess } from '../server-process.ts';
import { api, ask, awsDeeds, type Entrant, pagesOf, type Visitor } from './crowd.ts';

export interface LoadOptions {
  server: ServerProcess;
  organiser: Visitor;
  entrants: readonly Entrant[];
  assessment: string;
  cohort: string;
  seconds: number;
  gradesPerMinute: number;
  /** Seconds between two deeds of one person, on average. */
  pause: number;
}

export interface LoadReport {
  figures: Figure[];
  errors: string[];
  /** Wrong verdicts, and places in the queue that were shown. */
  wrong: string[];
  queued: number;
  deeds: number;
}

/** A crowd at work: reads pages, calls AWS, edits, holds its streams open, and asks for grades at an even pace. */
export async function work(options: LoadOptions): Promise<LoadReport> {
  const { server, organiser, entrants, assessment, cohort } = options;
  const pages: number[] = [];
  const organiserPages: number[] = [];
  const calls: number[] = [];
  const grades: number[] = [];
  const errors: string[] = [];
  const wrong: string[] = [];
  let queued = 0;
  let over = false;
  const timed = async (samples: number[], deed: () => Promise<unknown>): Promise<void> => {
    const began = performance.now();
    try {
      await deed();
      samples.push(performance.now() - began);
    } catch (error) {
      if (!over) errors.push(String((error as Error).message).slice(0, 300));
    }
  };
  const streams = new AbortController();
  const listen = async (entrant: Entrant): Promise<void> => {
    const response = await fetch(`${server.url}/attempts/${entrant.attempt}/events`, {
      headers: { cookie: entrant.cookie },
      signal: streams.signal,
    });
    if (!response.ok) errors.push(`the stream answered ${response.status}`);
    for await (const chunk of response.body!) if (/in the queue/.test(Buffer.from(chunk).toString())) queued++;
  };
  const listening = entrants.map((entrant) => listen(entrant).catch(() => {}));
  const seated = entrants.map(async (entrant, n) => {
    const random = lehmer(n * 7919 + 1);
    // Exponential pauses: people do not keep step.
    const pause = (): Promise<void> => sleep(-Math.log(1 - random()) * options.pause * 1000);
    for (await pause(); !over; await pause()) {
      if (random() < 0.55) {
        const all = pagesOf(entrant, assessment);
        await timed(pages, () => ask(server, entrant, all[Math.floor(random() * all.length)]!));
      } else await timed(calls, () => awsDeeds[Math.floor(random() * awsDeeds.length)]!(entrant, random()));
    }
  });
  const watching = (async () => {
    const views = [`/cohorts/${cohort}/progress`, `/cohorts/${cohort}/now`, `/assessments/${assessment}/run/entries`];
    for (let n = 0; !over; n++) {
      await timed(organiserPages, () => ask(server, organiser, views[n % views.length]!));
      await sleep(3000);
    }
  })();
  const began = performance.now();
  const grading: Promise<void>[] = [];
  const total = Math.round((options.seconds / 60) * options.gradesPerMinute);
  for (let n = 0; n < total; n++) {
    const wait = began + (n * 60_000) / options.gradesPerMinute - performance.now();
    if (wait > 0) await sleep(wait);
    const entrant = entrants[(n * 7) % entrants.length]!;
    grading.push(
      timed(grades, async () => {
        const { verdict } = await api(server, entrant, 'POST', `/attempts/${entrant.attempt}/grades`);
        if (verdict !== entrant.deserves) wrong.push(`${entrant.lab}: ${verdict} instead of ${entrant.deserves}`);
      }),
    );
  }
  await Promise.all(grading);
  over = true;
  streams.abort();
  await Promise.all([...seated, watching, ...listening]);
  return {
    figures: [
      figure("a learner's page", 'p95 ≤ 150 ms', pages),
      figure("the organiser's page", 'p95 ≤ 150 ms', organiserPages),
      figure('an AWS call', '', calls),
      figure(`a grade, ${options.gradesPerMinute} a minute`, 'p95 ≤ 5,000 ms', grades),
    ],
    errors,
    wrong,
    queued,
    deeds: pages.length + calls.length + organiserPages.length + grades.length,
  };
}

/** All ask for grades at once, again and again. @returns grades a minute */
export async function flatOut(server: ServerProcess, entrants: readonly Entrant[], grades: number): Promise<number> {
  const began = performance.now();
  let left = grades;
  await Promise.all(
    entrants.slice(0, 20).map(async (entrant) => {
      while (left-- > 0) await api(server, entrant, 'POST', `/attempts/${entrant.attempt}/grades`);
    }),
  );
  return (grades / (performance.now() - began)) * 60_000;
}
