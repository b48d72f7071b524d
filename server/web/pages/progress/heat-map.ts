import { Router } from 'express';
import { z } from 'zod';
import type { AppContext } from '../../../app.ts';
import { type ColumnCounts, cellStates, type LabColumn } from '../../../progress/heat-map.ts';
import type { HeatMap, Progress } from '../../../progress/progress.ts';
import type { Group } from '../../../store/progress-rows.ts';
import { parse } from '../../input.ts';
import type { HeatColumn, HeatMapPage, ProgressHead } from '../../models/progress.ts';
import { render } from '../../render.ts';
import { cellModel, checkCell, looks, timeText } from './cells.ts';
import { deskOf, groupOf, groupQuery, headModel } from './desk.ts';

export const pageSizes = [50, 100, 250, 1000] as const;

export const heatQuery = groupQuery.extend({
  name: z.string().max(100).default(''),
  bracket: z.string().max(100).default(''),
  state: z.enum(cellStates).or(z.literal('')).default(''),
  sort: z.string().max(100).default('name'),
  desc: z.enum(['', '1']).default(''),
  page: z.coerce.number().int().min(1).max(10_000).default(1),
  size: z.coerce.number().int().min(1).max(1000).default(100),
  /** A lab whose checks are shown as columns. */
  expand: z.string().max(100).default(''),
});
export type HeatQuery = z.infer<typeof heatQuery>;

/** Everybody's state in every lab. */
export function heatMapRouter(app: AppContext): Router {
  const router = Router();
  router.get('/cohorts/:cohort/progress', async (request, response) => {
    const desk = deskOf(app, request);
    const query = parse(heatQuery, request.query);
    const group = groupOf(desk, request.query);
    await render(
      response,
      'progress/heat-map',
      heatMapModel(desk.progress, headModel(desk, group, 'progress'), group, query),
    );
  });
  return router;
}

/** The heat map as a page shows it. */
export function heatMapModel(progress: Progress, head: ProgressHead, group: Group, query: HeatQuery): HeatMapPage {
  const map = progress.heatMap(
    group,
    {
      name: query.name,
      bracket: query.bracket,
      state: query.state,
      sort: query.sort,
      descending: query.desc === '1',
    },
    query.page,
    query.size,
  );
  const address = addresses(head, query);
  const expanded = map.columns.find(({ id }) => id === query.expand);
  const checks = expanded && progress.bestChecks(group, expanded.id);
  const columns = map.columns.flatMap((lab, index) => [
    labColumn(lab, map.counts[index]!, query, address),
    ...(lab === expanded ? checkColumns(lab, map, index, checks!) : []),
  ]);
  const { page, pages } = map;
  return {
    head,
    columns,
    fixed: [
      { id: 'last', title: 'Last seen' },
      { id: 'solved', title: 'Solved' },
      { id: 'points', title: 'Points' },
      { id: 'time', title: 'On task' },
    ].map(({ id, title }) => ({ id, title, ...sorting(id, query, address, true) })),
    rows: map.rows.map((row) => ({
      id: row.id,
      name: row.name,
      bracket: row.bracket,
      lastAt: row.lastAt,
      solved: row.solved,
      points: row.points,
      time: timeText(row.activeMs),
      cells: row.cells.flatMap((cell, index) => {
        const shown = cellModel(cell);
        const lab = map.columns[index]!;
        if (lab !== expanded) return [shown];
        const of = cell.best === undefined ? undefined : checks!.get(cell.best);
        return [shown, ...lab.checks.map(({ id }) => checkCell(of?.get(id), shown.attempt))];
      }),
    })),
    legend: cellStates.filter((state) => state !== 'absent').map((kind) => ({ kind, ...looks[kind] })),
    filter: { ...query, desc: query.desc === '1' },
    brackets: map.brackets,
    states: cellStates.filter((state) => state !== 'absent').map((id) => ({ id, word: looks[id].word })),
    keep: [
      ...(query.assessment ? [{ name: 'assessment', value: query.assessment }] : []),
      ...(query.by === 'teams' ? [{ name: 'by', value: 'teams' }] : []),
      { name: 'sort', value: query.sort },
      { name: 'desc', value: query.desc },
      ...(query.expand ? [{ name: 'expand', value: query.expand }] : []),
    ],
    sentence: sentence(map, group, query.size),
    previous: page > 1 ? address({ page: page - 1 }) : '',
    next: page < pages ? address({ page: page + 1 }) : '',
    csv: `/cohorts/${head.cohort}/progress.csv${head.search}`,
    json: `/cohorts/${head.cohort}/progress.json${head.search}`,
  };
}

function sentence({ chosen, total, page, pages }: HeatMap, { of }: Group, size: number): string {
  const what = of === 'people' ? ['person', 'people'] : of === 'teams' ? ['team', 'teams'] : ['entry', 'entries'];
  const count = `${chosen} ${chosen === 1 ? what[0] : what[1]}`;
  const part = pages > 1 ? `, ${(page - 1) * size + 1} to ${Math.min(page * size, chosen)}` : '';
  return chosen === total ? `${count}${part}` : `${count} of ${total}${part}`;
}

type Address = (change: Partial<Record<keyof HeatQuery, string | number>>) => string;

/** Addresses of the same page with something changed; what is as usual is left out. */
function addresses({ cohort }: ProgressHead, query: HeatQuery): Address {
  const usual: Partial<Record<keyof HeatQuery, unknown>> = { by: 'people', sort: 'name', page: 1, size: 100 };
  return (change) => {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries({ ...query, page: 1, ...change }))
      if (value !== undefined && value !== '' && value !== usual[name as keyof HeatQuery])
        search.set(name, String(value));
    const text = search.toString();
    return `/cohorts/${cohort}/progress${text && `?${text}`}`;
  };
}

function sorting(
  id: string,
  query: HeatQuery,
  address: Address,
  firstDescending: boolean,
): Pick<HeatColumn, 'sort' | 'sorted'> {
  const current = query.sort === id;
  const descending = query.desc === '1';
  return {
    sort: address({ sort: id, desc: (current ? !descending : firstDescending) ? '1' : '' }),
    sorted: current ? (descending ? 'descending' : 'ascending') : 'none',
  };
}

function labColumn(lab: LabColumn, counts: ColumnCounts, query: HeatQuery, address: Address): HeatColumn {
  const expanded = query.expand === lab.id;
  return {
    kind: 'lab',
    id: lab.id,
    title: lab.title,
    ...sorting(lab.id, query, address, true),
    expand: address({ expand: expanded ? '' : lab.id }),
    expanded,
    count: `${counts.solved}/${counts.of}`,
    help: counts.help,
  };
}

function checkColumns(
  lab: LabColumn,
  map: HeatMap,
  index: number,
  checks: Map<string, Map<string, boolean>>,
): HeatColumn[] {
  return lab.checks.map(({ id, title }) => {
    const graded = map.rows.flatMap(({ cells }) => {
      const { best } = cells[index]!;
      const passed = best === undefined ? undefined : checks.get(best)?.get(id);
      return passed === undefined ? [] : [passed];
    });
    return {
      kind: 'check',
      id,
      title,
      sort: '',
      sorted: 'none',
      expand: '',
      expanded: false,
      count: `${graded.filter(Boolean).length}/${graded.length}`,
      help: 0,
    };
  });
}
