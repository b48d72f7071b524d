import { join } from 'node:path';
import ejs from 'ejs';
import type { Response } from 'express';
import { compiled, projectRoot } from '../paths.ts';
import { assetUrl } from './assets.ts';
import * as format from './format.ts';
import { pagesOf } from './site-links.ts';
import { guardModel } from './view-guard.ts';
import type { ViewModels } from './view-models.ts';
import type { Viewer } from './visit.ts';

const folder = join(projectRoot, 'views');

/** What templates see, by name: looking everything up by `with` takes twice the time. */
const locals = ['page', 'site', 'h', 'title', 'here', 'body', 'script'] as const;

/** What every template may use besides `page`. */
const helpers = { ...format, asset: assetUrl, pagesOf };

/** What the frame around every page shows: who is signed in, and whether there is anybody to sign in. */
export interface Site {
  accounts: boolean;
  viewer: Viewer | undefined;
}

const nobody: Site = { accounts: false, viewer: undefined };

/** A view as HTML. The template sees `page`, and its frame `site`; outside a compiled server, unknown properties of `page` throw. */
export function html<V extends keyof ViewModels>(view: V, model: ViewModels[V], site: Site = nobody): Promise<string> {
  const page = compiled ? model : guardModel(model);
  return ejs.renderFile(
    join(folder, `${view}.ejs`),
    { page, site, h: helpers },
    { cache: compiled, root: folder, views: [folder], _with: false, destructuredLocals: [...locals] },
  );
}

/** Answers with a view. Pages and fragments are never cached: they show an account that changes. */
export async function render<V extends keyof ViewModels>(
  response: Response,
  view: V,
  model: ViewModels[V],
  status = 200,
): Promise<void> {
  const text = await html(view, model, response.locals.site as Site | undefined);
  response.status(status).set('cache-control', 'no-store').type('html').send(text);
}
