import type { Express } from 'express';
import { type AppContext, createApp } from '../../server/app.ts';

export interface PageRoute {
  method: string;
  /** As Express has it: `/cohorts/:cohort`. */
  path: string;
}

interface Layer {
  route?: { path: string | string[]; methods: Record<string, boolean> };
  handle: { stack?: Layer[] };
}

/** Stands for every service: routers are made of it, and nothing of it is ever used. */
const anything: unknown = new Proxy(() => anything, {
  get: (_target, key) => (key === Symbol.toPrimitive ? () => '' : anything),
  apply: () => anything,
});

/** All routes of an installation with accounts, as its own routers have them; those of the JSON API are left out. */
export function pageRoutes(): PageRoute[] {
  const context = new Proxy(
    { url: 'http://127.0.0.1', localUrl: 'http://127.0.0.1', awsUrl: 'http://127.0.0.1' },
    {
      get: (target, key) =>
        key in target ? target[key as keyof typeof target] : key === 'trustProxy' ? false : anything,
    },
  ) as unknown as AppContext;
  const app = createApp(context) as Express & { router: { stack: Layer[] } };
  const found: PageRoute[] = [];
  const walk = (stack: Layer[], inApi: boolean): void => {
    for (const { route, handle } of stack) {
      if (route && !inApi)
        for (const path of [route.path].flat())
          for (const method of Object.keys(route.methods)) found.push({ method: method.toUpperCase(), path });
      else if (!route && handle.stack) walk(handle.stack, inApi || isApi(handle.stack));
    }
  };
  walk(app.router.stack, false);
  return found;
}

/** The API's router is the one that describes itself. */
const isApi = (stack: Layer[]): boolean => stack.some(({ route }) => route?.path === '/openapi.json');
