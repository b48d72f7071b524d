import { execSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';

const s3 = new S3Client({});

// Called by S3 for each text that a customer uploads: makes a PDF of it, titled as the file is called, and seals it.
export const handler = async (event) => {
  for (const record of event.Records) {
    const Bucket = record.s3.bucket.name;
    // Keys are encoded as in a form: a space is a plus sign.
    const Key = decodeURIComponent(record.s3.object.key.replaceAll('+', ' '));
    const name = Key.slice('incoming/'.length, -'.txt'.length);
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
    await writeFile('/tmp/invoice.txt', await Body.transformToByteArray());
    execSync(`sh txt2pdf ${name} /tmp/invoice.txt > /tmp/invoice.pdf`);
    const pdf = await readFile('/tmp/invoice.pdf');
    const seal = createHmac('sha256', process.env.SEAL_KEY).update(pdf).digest('hex');
    await s3.send(
      new PutObjectCommand({
        Bucket,
        Key: `pdf/${name}.pdf`,
        Body: pdf,
        ContentType: 'application/pdf',
        Metadata: { seal },
      }),
    );
  }
};
