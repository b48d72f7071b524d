import type { Service } from '../../context.ts';

export const rds: Service = { id: 'rds', operations: {} };
