/**
 * A document that is not a policy reached the engine: `parsePolicy` refuses such documents, so this is a fault of the
 * caller. The engine neither allows nor denies on what it cannot read.
 */
export class PolicyShapeError extends Error {
  override readonly name = 'PolicyShapeError';
}
