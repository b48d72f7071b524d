/** Who reaches whom in a VPC: what the rest of the cloud may use of it. */

export { reach } from './reach.ts';
export type * from './types.ts';
