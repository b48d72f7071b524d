import type { Service } from '../../context.ts';

export const ec2: Service = { id: 'ec2', operations: {} };
