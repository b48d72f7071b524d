import type { Service } from '../../context.ts';

export const iam: Service = { id: 'iam', operations: {} };
