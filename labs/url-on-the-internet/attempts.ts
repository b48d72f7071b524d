import { defineAttempts, type Indifferent } from '../../server/kit.ts';
import { nearMisses } from './attempts/near-misses.ts';
import { overlooked } from './attempts/overlooked.ts';
import { right } from './attempts/right.ts';

export default defineAttempts([...right, ...nearMisses, ...overlooked]);

const byApi = 'aws:SourceArn is set by AWS services alone: with the route as condition nobody else is let in';
const oneOfTwo = "a call of a URL takes two permissions, and the other one is the role's alone";

export const indifferent: Indifferent[] = [
  {
    mutant: 'Resource → *',
    because:
      'a policy of a function or an API speaks of itself alone; what else a role may read or call is not part of the task',
  },
  { mutant: 'iam.roles analyst: statement 1: Condition dropped', because: 'the role may call, by a URL or without' },
  { mutant: 'iam.roles analyst: statement 2: Condition dropped', because: 'as above' },
  { mutant: 'resource-policy: lambda.functionPolicies margins: statement 1: Condition dropped', because: 'as above' },
  { mutant: 'resource-policy: lambda.functionPolicies margins: statement 2: Condition dropped', because: 'as above' },
  { mutant: 'resource-policy: lambda.functionPolicies margins: statement 1: Principal → *', because: oneOfTwo },
  { mutant: 'resource-policy: lambda.functionPolicies margins: statement 2: Principal → *', because: oneOfTwo },
  {
    mutant: 'iam.roles analyst: statement 2: Action → lambda:*',
    because: 'its condition asks for lambda:InvokedViaFunctionUrl, which only calls through a URL have',
  },
  { mutant: 'Action → execute-api:*', because: 'the role may call the route; caches and connections are none here' },
  { mutant: 'iam.roles report-role: statement 1: Action', because: 'what the code may do is not part of the task' },
  { mutant: 'iam.roles front-role: statement 1: Action', because: 'as above' },
  { mutant: 'http-api: lambda.functionPolicies margins: statement 1: Principal → *', because: byApi },
  { mutant: 'rest-api: lambda.functionPolicies margins: statement 1: Principal → *', because: byApi },
  { mutant: 'rest-api-policy: lambda.functionPolicies margins: statement 1: Principal → *', because: byApi },
  { mutant: 'front-function: lambda.functionPolicies front: statement 1: Principal → *', because: byApi },
  {
    mutant: 'rest-api-policy: apigateway.restApis',
    because: 'a stage serves its deployment, whatever became of the API since',
  },
];
