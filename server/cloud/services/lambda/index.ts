import type { Service } from '../../context.ts';

export const lambda: Service = { id: 'lambda', operations: {} };
