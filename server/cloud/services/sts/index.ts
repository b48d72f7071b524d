import type { Service } from '../../context.ts';

export const sts: Service = { id: 'sts', operations: {} };
