import { type CheckContext, hex } from '../../server/kit.ts';

/** Names of several families that do harm if they become part of a statement, fresh at each grade. */
export function harmfulNames(ctx: CheckContext): { what: string; name: string }[] {
  const tag = hex(ctx.random, 3);
  const many = 900_000 + ctx.random.bytes(1).readUInt8();
  const one = ctx.random.bytes(1).readUInt8() % 2 === 0;
  const select = one ? '(SELECT code FROM vouchers LIMIT 1)' : '(select max(code) from vouchers)';
  return [
    { what: 'reads a voucher', name: `${tag}' || ${select} || '` },
    { what: 'reads a voucher by comments', name: `${tag}'/**/||/**/${select}||'` },
    { what: 'reads a voucher behind two quotes', name: `${tag}'' || ${select} || '` },
    { what: 'reads a voucher behind three quotes', name: `${tag}''' || ${select} || '''` },
    {
      what: 'reads a voucher behind a double quote',
      name: `${tag}" || ${select}, ${many}) ON CONFLICT (racer) DO UPDATE SET points = ${many} -- `,
    },
    { what: 'sets its points', name: `${tag}', ${many}) ON CONFLICT (racer) DO UPDATE SET points = ${many} -- ` },
    // For a statement that people write besides.
    { what: 'sets points in an update', name: `${tag}', points = ${many} -- ` },
    {
      what: 'adds a racer',
      name: `${tag}', 1), ('r-${tag}', 'Ghost', ${many}) ON CONFLICT (racer) DO UPDATE SET points = 1 -- `,
    },
    {
      what: 'takes over another racer',
      name: `${tag}', 1), ('r-100', 'Fallen ${tag}', 0) ON CONFLICT (racer) DO UPDATE SET name = excluded.name -- `,
    },
  ];
}

const surnames = ['Hart', 'Moor', 'Vries', 'Lund', 'Roth', 'Bell', 'Dahl', 'Voss'];

/** Names as people have them, or choose them. */
export const plainNames = (ctx: CheckContext): string[] =>
  ['Cleo ', 'Select Dropper ', 'Zoë Ünal-'].map((first) => first + surname(ctx));

/** Names with signs that mean something in SQL, and nothing in a name. */
export const namesWithSigns = (ctx: CheckContext): string[] => [
  `Siobhán O'${surname(ctx)}`,
  `Max "-- ${surname(ctx)}" Power; 100%`,
  `D'Arcy & l'Été \\ ${surname(ctx)}`,
  `Ca$h $& Carry (${surname(ctx)}, the 'second')`,
];

const surname = (ctx: CheckContext): string =>
  `${surnames[ctx.random.bytes(1)[0]! % surnames.length]}${hex(ctx.random, 2)}`;
