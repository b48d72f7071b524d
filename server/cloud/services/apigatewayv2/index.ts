import type { Service } from '../../context.ts';

export const apigatewayv2: Service = { id: 'apigatewayv2', operations: {} };
