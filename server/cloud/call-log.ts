/** One call, in the shape of a CloudTrail event (https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html). */
export interface CallRecord {
  eventID: string;
  /** ISO 8601 with milliseconds, on the cloud's clock. */
  eventTime: string;
  eventSource: string;
  /** CloudTrail's name: `Invoke`, `UpdateFunctionCode20150331v2` … */
  eventName: string;
  awsRegion: string;
  recipientAccountId: string;
  sourceIPAddress: string;
  userAgent: string;
  userIdentity: {
    type: string;
    arn: string;
    accountId: string;
    accessKeyId?: string;
    /** `AROA…:session`, `AIDA…` */
    principalId?: string;
    /** Of a session: the role, and when it was issued. */
    roleArn?: string;
    issued?: string;
    /** The person, as CloudTrail says it of IAM Identity Center's users. */
    onBehalfOf?: { userId: string };
    invokedBy?: string;
  };
  requestID: string;
  requestParameters: unknown;
  /** Only of calls that change something, and of what gives out credentials. */
  responseElements?: unknown;
  readOnly: boolean;
  errorCode?: string;
  errorMessage?: string;
  durationMs: number;
}

/** The last calls of a cloud, newest last, and whoever wants to hear of them. */
export class CallLog {
  private readonly records: CallRecord[] = [];
  private readonly listeners = new Set<(record: CallRecord) => void>();
  private readonly limit: number;

  constructor(records: CallRecord[] = [], limit = 2000) {
    this.limit = limit;
    this.records.push(...records.slice(-limit));
  }

  add(record: CallRecord): void {
    this.records.push(record);
    if (this.records.length > this.limit) this.records.splice(0, this.records.length - this.limit);
    for (const listener of this.listeners) listener(record);
  }

  list(): readonly CallRecord[] {
    return this.records;
  }

  /** Returns the function that ends the subscription. */
  subscribe(listener: (record: CallRecord) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}
