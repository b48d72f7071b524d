import { iamRoles } from './iam-roles.ts';
import type { ResourceKind } from './types.ts';

/** Every kind that has an editor, in the order of the tree. What is not here is reached by "Any AWS call". */
export const resourceKinds: readonly ResourceKind[] = [iamRoles];

const byId = new Map(resourceKinds.map((kind) => [kind.id, kind]));

export function findKind(id: string): ResourceKind | undefined {
  return byId.get(id);
}
