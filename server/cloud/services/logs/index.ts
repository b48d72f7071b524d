import type { Service } from '../../context.ts';

export const logs: Service = { id: 'logs', operations: {} };
