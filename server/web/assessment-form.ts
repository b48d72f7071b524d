import type { Problem } from '../assessment/check-settings.ts';
import type { LabChoice } from '../assessment/desk.ts';
import { defaultSettings, type Settings } from '../assessment/settings.ts';

/** Pools that the form has places for. The API takes more. */
export const poolPlaces = [1, 2, 3, 4] as const;

/** What stands in the form's fields, by their names. */
export type Fields = Record<string, string>;

const text = (value: number | null): string => (value === null ? '' : String(value));
const tick = (value: boolean): string => (value ? 'on' : '');

/** Settings as fields of the form. */
export function fieldsOf(name: string, cohort: string, settings: Settings = defaultSettings): Fields {
  const fields: Fields = {
    name,
    cohort,
    party: settings.party,
    zone: settings.zone,
    from: settings.from,
    to: settings.to,
    minutes: text(settings.minutes),
    beyondWindow: tick(settings.beyondWindow),
    tries: text(settings.tries),
    cooldown: text(settings.cooldown),
    policy: settings.policy,
    credits: settings.credits.join(', '),
    hints: settings.hints,
    hintPrice: text(settings.hintPrice),
    attacks: tick(settings.attacks),
    honour: settings.honour,
    lateMembers: tick(settings.lateMembers),
    'board-on': tick(settings.scoreboard.on),
    'board-freeze': text(settings.scoreboard.freeze),
    'board-brackets': tick(settings.scoreboard.brackets),
    'board-anonymous': tick(settings.scoreboard.anonymous),
  };
  for (const [what, when] of Object.entries(settings.show)) fields[`show-${what}`] = when;
  for (const { lab, weight } of settings.labs) {
    fields[`use-${lab}`] = 'fixed';
    fields[`weight-${lab}`] = String(weight);
  }
  for (const [index, pool] of settings.pools.entries()) {
    const place = index + 1;
    fields[`pool-${place}-name`] = pool.name;
    fields[`pool-${place}-draw`] = String(pool.draw);
    fields[`pool-${place}-weight`] = String(pool.weight);
    for (const lab of pool.labs) fields[`use-${lab}`] = `pool-${place}`;
  }
  return fields;
}

/** What the form says, as settings; and where on the form a problem belongs. */
export function readForm(
  body: Fields,
  labs: readonly LabChoice[],
): { given: unknown; fieldOf(problem: Problem): string } {
  const number = (name: string): unknown => {
    const value = (body[name] ?? '').trim().replace(',', '.');
    return value === '' ? null : Number.isNaN(Number(value)) ? value : Number(value);
  };
  const on = (name: string): boolean => body[name] === 'on';
  const fixed = labs.filter(({ id }) => body[`use-${id}`] === 'fixed');
  const pools = poolPlaces
    .map((place) => ({
      place,
      labs: labs.filter(({ id }) => body[`use-${id}`] === `pool-${place}`).map(({ id }) => id),
    }))
    .filter((pool) => pool.labs.length > 0 || (body[`pool-${pool.place}-draw`] ?? '').trim() !== '');
  const given = {
    labs: fixed.map(({ id }) => ({ lab: id, weight: number(`weight-${id}`) ?? 1 })),
    pools: pools.map(({ place, labs: of }) => ({
      name: (body[`pool-${place}-name`] ?? '').trim(),
      draw: number(`pool-${place}-draw`),
      labs: of,
      weight: number(`pool-${place}-weight`) ?? 1,
    })),
    party: body.party,
    zone: (body.zone ?? '').trim(),
    from: body.from ?? '',
    to: body.to ?? '',
    minutes: number('minutes'),
    beyondWindow: on('beyondWindow'),
    tries: number('tries'),
    cooldown: number('cooldown') ?? 0,
    policy: body.policy,
    credits: (body.credits ?? '')
      .split(/[\s,;]+/)
      .filter((part) => part !== '')
      .map((part) => (Number.isNaN(Number(part)) ? part : Number(part))),
    hints: body.hints,
    hintPrice: number('hintPrice'),
    attacks: on('attacks'),
    show: Object.fromEntries(['scores', 'messages', 'ranks', 'solutions'].map((what) => [what, body[`show-${what}`]])),
    honour: (body.honour ?? '').replaceAll('\r\n', '\n').trim(),
    scoreboard: {
      on: on('board-on'),
      freeze: number('board-freeze') ?? 0,
      brackets: on('board-brackets'),
      anonymous: on('board-anonymous'),
    },
    lateMembers: on('lateMembers'),
  };
  return {
    given,
    fieldOf({ field }) {
      const [head, index, member] = field.split('.');
      if (head === 'labs' && index !== undefined)
        return `${member === 'weight' ? 'weight' : 'use'}-${fixed[Number(index)]?.id}`;
      if (head === 'pools' && index !== undefined) {
        const pool = pools[Number(index)];
        if (member === 'labs') return `use-${pool?.labs[Number(field.split('.')[3])]}`;
        return `pool-${pool?.place}-${member}`;
      }
      if (head === 'scoreboard') return `board-${index}`;
      if (head === 'show') return `show-${index}`;
      return head!;
    },
  };
}
