/** A member of an operation's output for headers that no schema binds. */
export const responseHeaders: unique symbol = Symbol('response headers');
