import type { Service } from '../../context.ts';

export const s3: Service = { id: 's3', operations: {} };
