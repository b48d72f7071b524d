import type { Service } from '../../context.ts';

export const secretsmanager: Service = { id: 'secretsmanager', operations: {} };
