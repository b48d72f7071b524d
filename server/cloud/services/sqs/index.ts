import type { Service } from '../../context.ts';

export const sqs: Service = { id: 'sqs', operations: {} };
