import type { Service } from '../../context.ts';

export const rdsData: Service = { id: 'rds-data', operations: {} };
