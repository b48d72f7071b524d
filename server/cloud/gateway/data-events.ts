/**
 * What CloudTrail calls data events, which the event history never has, and what no trail ever records.
 * Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html
 */
const dataEvents: Readonly<Record<string, RegExp>> = {
  s3: /^(?:(?:Get|Put|Delete|Head|Copy|Restore)Object(?:s|Acl|Tagging|Attributes|Torrent|LegalHold|Retention)?|SelectObjectContent|ListObjects(?:V2)?|ListObjectVersions|ListMultipartUploads|ListParts|UploadPart(?:Copy)?|(?:Create|Complete|Abort)MultipartUpload|HeadBucket)$/,
  lambda: /^Invoke/,
  dynamodb:
    /^(?:(?:Get|Put|Update|Delete)Item|Query|Scan|Batch(?:Get|Write)Item|Transact(?:Get|Write)Items|ExecuteStatement|BatchExecuteStatement|ExecuteTransaction)$/,
  dynamodbstreams: /^Get(?:Records|ShardIterator)$/,
  sns: /^Publish/,
  sqs: /^(?:SendMessage|ReceiveMessage|DeleteMessage|ChangeMessageVisibility)/,
  logs: /^PutLogEvents$/,
  events: /^PutEvents$/,
  'rds-data': /./,
};

/** Is a call one that the event history leaves out? */
export function isDataEvent(service: string, operation: string): boolean {
  return dataEvents[service]?.test(operation) ?? false;
}
