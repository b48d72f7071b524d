import { defineAttempts, type Indifferent } from '../../server/kit.ts';
import { nearMisses } from './attempts/near-misses.ts';
import { right } from './attempts/right.ts';

export default defineAttempts([...right, ...nearMisses]);

export const indifferent: Indifferent[] = [
  { mutant: 'Resource → *', because: 'a policy of a function, queue or topic speaks of itself alone' },
  {
    mutant: 'statement 1: Principal → *',
    because: 'aws:SourceArn and aws:SourceAccount are set by AWS services alone: nobody else is let in',
  },
  {
    mutant: 'two-denies: lambda.functionPolicies import-invoices: statement 1',
    because: 'the two denials keep everybody else out, whatever the statements that allow say',
  },
  { mutant: 'two-denies: lambda.functionPolicies import-invoices: statement 2', because: 'as above' },
];
