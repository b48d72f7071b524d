import { defineAttempts, type Indifferent } from '../../server/kit.ts';
import { nearMisses } from './attempts/near-misses.ts';
import { overlooked } from './attempts/overlooked.ts';
import { right } from './attempts/right.ts';

export default defineAttempts([...right, ...nearMisses, ...overlooked]);

export const indifferent: Indifferent[] = [
  {
    mutant: 'with-list-of-uploads: iam.roles thumbnailer-role: statement 3: Action → s3:*',
    because: 'its condition asks for s3:prefix, which only calls that list the bucket have',
  },
  { mutant: 'thumbnailer-role: statement 3 dropped', because: 'listing uploads is allowed, not needed' },
  { mutant: 'thumbnailer-boundary: statement 3 dropped', because: 'logs are not part of the task' },
  { mutant: 'sqs.queues pictures', because: 'who may start the function is not part of the task' },
  { mutant: 'sns.topics pictures', because: 'as above' },
  { mutant: 'lambda.functionPolicies thumbnailer', because: 'as above' },
  {
    mutant: 's3.buckets',
    because:
      'the buckets block public access, so that a public statement reaches no outsider; who is in the account is trusted',
  },
];
