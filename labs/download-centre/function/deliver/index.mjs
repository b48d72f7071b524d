import { readFile } from 'node:fs/promises';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';

const s3 = new S3Client({});
const folder = process.env.REPORTS;

// Called by SQS with what subscribers ordered: { "file": "2026/harvest.txt", "order": "o-17" } brings the report to their mailbox.
export const handler = async (event) => {
  for (const record of event.Records) {
    const { file, order } = JSON.parse(record.body);
    try {
      const Body = await readFile(`${folder}/${file}`);
      await s3.send(new PutObjectCommand({ Bucket: process.env.MAILBOX, Key: `orders/${order}`, Body }));
    } catch (error) {
      console.error(JSON.stringify({ order, file, error: error.message }));
    }
  }
};
