import type { CheckContext } from '../../server/kit.ts';

/** A path that leads out of the folder of reports. */
export interface Payload {
  family: string;
  path: string;
}

/** Paths of several families, fresh at each grade. `depth` more steps than any folder needs. */
export function paths(ctx: CheckContext): Payload[] {
  const byte = ctx.random.bytes(2);
  const up = '../'.repeat(6 + (byte[0]! % 4));
  const targets = ['proc/self/environ', 'etc/passwd', 'opt/reports-desk/positions.txt', 'usr/lib/os-release'];
  const target = targets[byte[1]! % targets.length]!;
  const wide = (text: string): string => text.replaceAll('.', '\uff0e').replaceAll('/', '\uff0f');
  return [
    ...[...targets, 'var/task/index.mjs'].map((each) => ({ family: 'steps upwards', path: `${up}${each}` })),
    { family: 'steps behind a folder', path: `2026/11/../../${up}${target}` },
    { family: 'a folder whose name begins alike', path: '../reports-desk/positions.txt' },
    { family: 'that folder by steps that cancel out', path: '2026/../../reports-desk/2026/../positions.txt' },
    { family: 'steps in steps', path: `${'....//'.repeat(8)}${target}` },
    { family: 'steps in steps, once', path: '....//reports-desk/positions.txt' },
    { family: 'steps between slashes', path: `.//..//${up.replaceAll('/', '//')}${target}` },
    { family: 'a whole path', path: `/${target}` },
    { family: 'a whole path with two slashes', path: `//${target}` },
    { family: 'a whole path through the folder', path: '/opt/reports/../reports-desk/positions.txt' },
    { family: 'an address', path: `file:///${target}` },
    { family: 'encoded steps', path: encodeURIComponent(`${up}${target}`) },
    { family: 'encoded dots', path: `${up}${target}`.replaceAll('.', '%2e') },
    { family: 'steps encoded twice', path: encodeURIComponent(encodeURIComponent(`${up}${target}`)) },
    { family: 'wide signs', path: wide(`${up}${target}`) },
    { family: 'backslashes', path: `${up}${target}`.replaceAll('/', '\\') },
    { family: 'a step behind a link', path: 'latest/../../../reports-desk/positions.txt' },
    { family: 'a zero byte', path: `${up}${target}\0.txt` },
  ];
}

/** Paths below the folder whose link leads out of it. */
export const linked = (): Payload[] => [
  { family: 'a link', path: 'desk/positions.txt' },
  { family: 'a link behind steps', path: '2026/../desk/2026/calls.txt' },
  { family: 'a link behind a link', path: 'latest/../../desk/positions.txt' },
];
