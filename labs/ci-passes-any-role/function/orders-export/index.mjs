import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';

const s3 = new S3Client({});

// Counts the orders of the day for the books.
export const handler = async () => {
  const { KeyCount } = await s3.send(new ListObjectsV2Command({ Bucket: process.env.BUCKET, Prefix: 'orders/' }));
  return { orders: KeyCount };
};
