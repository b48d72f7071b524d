/** A model whose unknown properties throw: EJS would print nothing for `page.typo`. Plain objects and arrays are guarded, all the way down. */
export function guardModel<T>(model: T, path = 'page'): T {
  if (!isPlain(model)) return model;
  return new Proxy(model as object, {
    get(target, property, receiver): unknown {
      if (typeof property === 'symbol' || property in target)
        return guardModel(Reflect.get(target, property, receiver), `${path}.${String(property)}`);
      // Promises and JSON ask any value for these.
      if (property === 'then' || property === 'toJSON') return undefined;
      throw new Error(`a view asked for ${path}.${property}, which its model does not have`);
    },
  }) as T;
}

function isPlain(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return true;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
