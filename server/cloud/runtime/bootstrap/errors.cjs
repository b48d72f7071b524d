'use strict';
// Error types and wordings of Lambda's Node.js runtime, as functions' callers see them.
// https://docs.aws.amazon.com/lambda/latest/dg/nodejs-exceptions.html
function make(name) {
  return class extends Error {
    constructor(message) {
      super(message);
      this.name = name;
    }
  };
}

const ImportModuleError = make('Runtime.ImportModuleError');
const HandlerNotFound = make('Runtime.HandlerNotFound');
const MalformedHandlerName = make('Runtime.MalformedHandlerName');
const UserCodeSyntaxError = make('Runtime.UserCodeSyntaxError');
const UnhandledPromiseRejection = make('Runtime.UnhandledPromiseRejection');
const CallbackHandlerDeprecated = make('Runtime.CallbackHandlerDeprecated');
const NodeJsExit = make('Runtime.NodeJsExit');

class ResponseSizeTooLarge extends Error {
  constructor(limit) {
    super(`Response payload size exceeded maximum allowed payload size (${limit} bytes).`);
    this.name = 'Function.ResponseSizeTooLarge';
  }
}

/** Lambda's error JSON: `{errorType, errorMessage, trace}`. Never throws, whatever was thrown. */
function describe(error) {
  try {
    if (error instanceof Error || Object.prototype.toString.call(error) === '[object Error]') {
      return {
        errorType: String(error.name),
        errorMessage: String(error.message),
        trace: typeof error.stack === 'string' ? error.stack.split('\n') : [],
      };
    }
    return { errorType: typeof error, errorMessage: String(error), trace: [] };
  } catch {
    return {
      errorType: 'handled',
      errorMessage:
        'callback called with Error argument, but there was a problem while retrieving one or more of its message, name, and stack',
      trace: [],
    };
  }
}

/** One line for the log: a tab and the error as JSON, with its own properties and the stack as a list. */
function forLog(error) {
  try {
    if (!(error instanceof Error)) return `\t${JSON.stringify(describe(error))}`;
    const record = { errorType: error.name, errorMessage: error.message, code: error.code, ...error };
    record.stack = typeof error.stack === 'string' ? error.stack.split('\n') : [];
    return `\t${JSON.stringify(record)}`;
  } catch {
    return `\t${JSON.stringify(describe(error))}`;
  }
}

module.exports = {
  ImportModuleError,
  HandlerNotFound,
  MalformedHandlerName,
  UserCodeSyntaxError,
  UnhandledPromiseRejection,
  CallbackHandlerDeprecated,
  NodeJsExit,
  ResponseSizeTooLarge,
  describe,
  forLog,
};
