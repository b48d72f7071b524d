import { defineAttempts, type Indifferent } from '../../server/kit.ts';
import { nearMisses } from './attempts/near-misses.ts';
import { right } from './attempts/right.ts';

export default defineAttempts([...right, ...nearMisses]);

export const indifferent: Indifferent[] = [
  { mutant: 'Resource → *', because: 'a policy of a function, version, alias or layer version speaks of itself alone' },
  { mutant: 'Action → sts:*', because: 'the other ways of taking on a role need a provider, and none is trusted' },
  { mutant: 'iam.roles freight-role', because: "what the function's own role may do besides is not part of the task" },
  {
    mutant: 'denials: lambda.functionPolicies quote-freight:prod: statement 1: Principal → *',
    because: 'the denial keeps out whoever is of neither account, whatever the statements that allow say',
  },
  { mutant: 'denials: lambda.functionPolicies quote-freight:prod: statement 2', because: 'as above' },
  { mutant: 'denials: iam.roles partner-reports: statement 1: Principal → *', because: 'as above' },
];
