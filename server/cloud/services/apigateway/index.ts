import type { Service } from '../../context.ts';

/** REST APIs of API Gateway. */
export const apigateway: Service = {
  id: 'apigateway',
  operations: {},
};
