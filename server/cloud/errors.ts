/** An error as AWS answers it: its code, its wording, its HTTP status. */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;
  /** Further members of the error's shape, such as S3's `BucketName` or Lambda's `Type`. */
  readonly extra: Record<string, unknown>;

  constructor(code: string, message: string, status = 400, extra: Record<string, unknown> = {}) {
    super(message);
    this.name = code;
    this.code = code;
    this.status = status;
    this.extra = extra;
  }
}

/** The embedded cloud does not know this operation. Answered with 501, never as an error that AWS could have sent. */
export class NotEmulated extends Error {
  readonly what: string;

  constructor(what: string) {
    super(`Lambda Range does not emulate ${what}.`);
    this.name = 'NotEmulated';
    this.what = what;
  }
}
