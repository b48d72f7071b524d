import { defineTable } from '../../state/table.ts';

export interface UrlCors {
  allowCredentials?: boolean;
  allowHeaders?: string[];
  allowMethods?: string[];
  allowOrigins?: string[];
  exposeHeaders?: string[];
  maxAge?: number;
}

export interface FunctionUrlRecord {
  functionName: string;
  /** An alias; absent for `$LATEST`. */
  alias?: string;
  /** The first label of its host. */
  urlId: string;
  authType: 'NONE' | 'AWS_IAM';
  cors?: UrlCors;
  invokeMode: 'BUFFERED' | 'RESPONSE_STREAM';
  creationTime: string;
  lastModifiedTime: string;
}

/** `name`, or `name:alias`. */
export const functionUrls = defineTable<FunctionUrlRecord>('lambda.functionUrls');

/**
 * The id of a URL, for the endpoint that many clouds share: it asks whose a URL is before any cloud is known. Kept after
 * the URL is gone, as ids never come twice.
 */
export const urlIds = defineTable<{ functionName: string }>('lambda.urls');
