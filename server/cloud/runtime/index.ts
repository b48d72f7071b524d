export { createRuntime } from './runtime.ts';
export type * from './types.ts';
export { inspectZip, MAX_UNZIPPED_BYTES, readZip, readZipEntry, type ZipEntry, ZipError } from './zip.ts';
