import type { Service } from '../../context.ts';

export const ssm: Service = { id: 'ssm', operations: {} };
