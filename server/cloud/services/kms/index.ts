import type { Service } from '../../context.ts';

export const kms: Service = { id: 'kms', operations: {} };
