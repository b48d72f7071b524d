import { defineAttempts, type Indifferent } from '../../server/kit.ts';
import { nearMisses } from './attempts/near-misses.ts';
import { right } from './attempts/right.ts';

export default defineAttempts([...right, ...nearMisses]);

export const indifferent: Indifferent[] = [
  { mutant: 'iam.roles', because: 'what a role may do is a further wall; the task is what a name can do' },
  {
    mutant: 'without the guard /[\\u0000-\\u001f]/',
    because: 'the name is bound besides: a control character in it is shown, and does nothing',
  },
  {
    mutant: "without the guard typeof name !== 'string'",
    because: 'profile stores what the site sends as a value; what a stored name can do is decided in the board',
  },
  {
    mutant: 'harmful-left-off: code of board',
    because: 'all names are bound besides: a harmful one is shown, and does nothing',
  },
  { mutant: 'without the guard !Item', because: 'a row that was deleted meanwhile is no part of the task' },
];
