import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';

const s3 = new S3Client({});

// Takes an order: { id, items: [{ sku, cents, count }] }.
export const handler = async ({ id, items }) => {
  const cents = items.reduce((sum, item) => sum + item.cents * item.count, 0);
  await s3.send(
    new PutObjectCommand({ Bucket: process.env.BUCKET, Key: `orders/${id}.json`, Body: JSON.stringify({ id, items, cents }) }),
  );
  return { id, cents, release: process.env.RELEASE };
};
