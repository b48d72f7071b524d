import { defineAttempts, type Indifferent } from '../../server/kit.ts';
import { nearMisses } from './attempts/near-misses.ts';
import { right } from './attempts/right.ts';

export default defineAttempts([...right, ...nearMisses]);

export const indifferent: Indifferent[] = [
  { mutant: 'iam.roles', because: 'what the role may do is a further wall; the task is what a name can do' },
  { mutant: 'lambda.functionPolicies', because: 'who may call a function that takes names for names is not the task' },
  { mutant: 'kms.keys', because: "AWS's own key for the secret, which nobody can weaken there" },
  {
    mutant: 'positional: code of render',
    because: 'where the program fails the PDF before it is stored again: a fault, and no command of a name',
  },
  {
    mutant: 'no-program: code of render',
    because: 'the function writes the PDF itself, and a control character in a title does nothing',
  },
];
