import type { Service } from '../../context.ts';

export const sns: Service = { id: 'sns', operations: {} };
