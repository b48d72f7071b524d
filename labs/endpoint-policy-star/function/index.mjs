import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';

const { SCANS_BUCKET, FORMS_BUCKET, FORM } = process.env;
const s3 = new S3Client({ maxAttempts: 2, requestHandler: { connectionTimeout: 1000, requestTimeout: 3000 } });

// Called by the practices: { scan, text } is filed under the head of the partner's form.
export const handler = async ({ scan, text }) => {
  if (!/^S-[0-9]{3,12}$/.test(scan ?? '') || typeof text !== 'string')
    return { filed: false, reason: 'A scan needs a number and a text.' };
  try {
    const form = await s3.send(new GetObjectCommand({ Bucket: FORMS_BUCKET, Key: FORM }));
    const Body = `${await form.Body.transformToString()}\n${text}\n`;
    await s3.send(new PutObjectCommand({ Bucket: SCANS_BUCKET, Key: `scans/${scan}.txt`, Body }));
  } catch (error) {
    return { filed: false, reason: `The scan was not filed: ${error.name}: ${error.message}` };
  }
  return { filed: true, scan };
};
