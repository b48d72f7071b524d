import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';

const s3 = new S3Client({});
const db = new DynamoDBClient({});

// Called by S3 for each new invoice: { invoice, iban, cents }. What is in the table payables is paid on Friday.
export const handler = async (event) => {
  for (const record of event.Records ?? []) {
    const Key = decodeURIComponent(record.s3.object.key.replace(/\+/g, ' '));
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: record.s3.bucket.name, Key }));
    const { invoice, iban, cents } = JSON.parse(await Body.transformToString());
    await db.send(
      new PutItemCommand({
        TableName: 'payables',
        Item: { invoice: { S: invoice }, iban: { S: iban }, cents: { N: String(cents) } },
      }),
    );
    console.log(JSON.stringify({ imported: invoice, cents }));
  }
};
