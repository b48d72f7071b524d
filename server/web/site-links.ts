import type { Viewer } from './visit.ts';

export interface SiteLink {
  name: string;
  path: string;
  /** What a page calls itself when it includes the frame. */
  here: string;
}

/** What the top of every page leads to. @param viewer who is signed in; nobody is led nowhere where there are accounts */
export function pagesOf(viewer: Viewer | undefined, accounts = true): SiteLink[] {
  const own = [
    { name: 'Labs', path: '/', here: 'catalogue' },
    { name: 'Progress', path: '/progress', here: 'progress' },
  ];
  if (!accounts) return own;
  if (!viewer) return [];
  return [
    ...own,
    { name: 'Assessments', path: '/assessments', here: 'assessments' },
    { name: viewer.role === 'learner' ? 'Teams' : 'Cohorts', path: '/cohorts', here: 'cohorts' },
    ...(viewer.role === 'administrator' ? [{ name: 'Admin', path: '/admin', here: 'admin' }] : []),
  ];
}
