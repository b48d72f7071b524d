import { labsIn } from './labs.ts';

labsIn('localstack');
