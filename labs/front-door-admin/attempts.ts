import { defineAttempts, type Indifferent } from '../../server/kit.ts';
import { nearMisses } from './attempts/near-misses.ts';
import { overlooked } from './attempts/overlooked.ts';
import { right } from './attempts/right.ts';

export default defineAttempts([...right, ...nearMisses, ...overlooked]);

export const indifferent: Indifferent[] = [
  ...['1', '2', '3'].flatMap((statement) =>
    ['Resource → *', 'Principal → *'].map((change) => ({
      mutant: `lambda.functionPolicies shop: statement ${statement}: ${change}`,
      because:
        'a policy of a function speaks of itself alone, and aws:SourceArn is set by AWS services alone: with the API as condition nobody else is let in',
    })),
  ),
  {
    mutant: 'iam.roles admin-role: statement 1: Resource → *',
    because: 'what the code may do is not part of the task',
  },
  { mutant: 'iam.roles admin-role: statement 1: Action → dynamodb:*', because: 'as above' },
  {
    mutant: 'iam.roles storefront-role: statement 1: Resource → *',
    because: 'API Gateway alone takes on the role, and what it calls is what administrators put behind a method',
  },
  { mutant: 'iam.roles storefront-role: statement 1: Action → lambda:*', because: 'as above' },
  {
    mutant: 'resource-policy: apigateway.restApis',
    because: 'a stage serves its deployment, whatever became of the API since',
  },
  { mutant: 'Action → execute-api:*', because: 'caches and connections are none here' },
  {
    mutant: 'statement 2: Resource → *',
    because: 'what the owner may do besides is not part of the task',
  },
  { mutant: 'iam.users noor: statement 1: Action → lambda:*', because: 'as above' },
  { mutant: 'iam.users noor: statement 1: Resource → *', because: 'as above' },
  {
    mutant: ': statement 2 dropped',
    because:
      'the policy of a deployment need not name noor: in one account her own is enough. Of a function it breaks the shop',
  },
];
