import { defineAttempts } from '../../server/kit.ts';
import { noWayOut } from './attempts/no-way-out.ts';
import { right } from './attempts/right.ts';
import { unusual } from './attempts/unusual.ts';
import { waysIn } from './attempts/ways-in.ts';

export default defineAttempts([...right, ...unusual, ...noWayOut, ...waysIn]);
