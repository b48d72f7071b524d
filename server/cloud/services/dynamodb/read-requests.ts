import type { GetItemCommandInput } from '@aws-sdk/client-dynamodb';
import type { Path } from './expressions/ast.ts';
import { checkMixed, legacyProjection } from './expressions/legacy.ts';
import { Placeholders } from './expressions/placeholders.ts';
import { parseProjection, project } from './expressions/project.ts';
import type { Item } from './values.ts';

/** Which parts of items a request asks for; no paths: all of them. */
export interface Projected {
  paths: Path[] | undefined;
  attributes: ReadonlySet<string>;
}

/** The projection of GetItem, BatchGetItem and TransactGetItems. @throws AwsError ValidationException */
export function readProjection(
  input: Pick<GetItemCommandInput, 'AttributesToGet' | 'ProjectionExpression' | 'ExpressionAttributeNames'>,
): Projected {
  const { AttributesToGet, ProjectionExpression } = input;
  checkMixed({ AttributesToGet }, { ProjectionExpression });
  const placeholders = new Placeholders(input.ExpressionAttributeNames, undefined, { ProjectionExpression });
  const parsed =
    ProjectionExpression !== undefined
      ? parseProjection(ProjectionExpression, placeholders)
      : AttributesToGet && legacyProjection(AttributesToGet);
  placeholders.finish();
  return { paths: parsed?.tree, attributes: parsed?.attributes ?? new Set() };
}

export const projectedItem = (item: Item, paths: readonly Path[] | undefined): Item =>
  paths ? project(item, paths) : item;
