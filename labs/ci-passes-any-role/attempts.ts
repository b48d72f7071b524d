import { defineAttempts, type Indifferent } from '../../server/kit.ts';
import { nearMisses } from './attempts/near-misses.ts';
import { overlooked } from './attempts/overlooked.ts';
import { right } from './attempts/right.ts';

export default defineAttempts([...right, ...nearMisses, ...overlooked]);

const otherCalls = 'other calls of IAM do not have the key iam:PassedToService, which its condition asks for';
const oneRole = 'the role of orders is the only one that can be passed, to whichever service';

export const indifferent: Indifferent[] = [
  {
    mutant: 'statement 1: Action → lambda:*',
    because: 'the pipeline may do with its own functions what it likes: code that it deploys could as well',
  },
  { mutant: 'by-tags: iam.users deployer: statement 2: Action → lambda:*', because: 'as above, for orders-preview' },
  { mutant: 'by-tags: iam.users deployer: statement 2: Condition dropped', because: 'as above' },
  { mutant: 'statement 2: Action → iam:*', because: otherCalls },
  { mutant: 'by-tags: iam.users deployer: statement 3: Action → iam:*', because: otherCalls },
  { mutant: 'reference: iam.users deployer: statement 2: Condition dropped', because: oneRole },
  { mutant: '/pipeline-limit: statement 2: Condition dropped', because: oneRole },
  { mutant: 'role-by-path: iam.users deployer: statement 2: Condition dropped', because: oneRole },
  { mutant: 'by-tags: iam.users deployer: statement 3: Condition dropped', because: oneRole },
  { mutant: '/orders-deployment: statement 2: Condition dropped', because: oneRole },
  {
    mutant: 'role-refuses-other-functions: iam.users deployer: statement 2: Condition dropped',
    because: 'the roles trust Lambda alone, and for their own functions alone',
  },
  { mutant: '/orders-deployment: statement 3 dropped', because: 'calls on the account are no part of the job' },
  {
    mutant: 'iam.roles orders-runtime',
    because: 'what orders does with its bucket, and who else may, is not part of the task',
  },
  {
    mutant: 'role-refuses-other-functions: iam.roles break-glass-admin: statement 1: Principal → *',
    because: 'aws:SourceArn is set by AWS services alone: with it as condition nobody else is let in',
  },
  {
    mutant: 'role-refuses-other-functions: iam.roles orders-export-role: statement 1: Principal → *',
    because: 'as above',
  },
];
