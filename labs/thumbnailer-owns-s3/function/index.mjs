import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { renderCaption } from './caption.mjs';
import { decode, encode, shrink } from './ppm.mjs';

const s3 = new S3Client({});
const EDGE = 32;

// Called by S3 for each new object under uploads/.
export const handler = async (event) => {
  const made = [];
  for (const record of event.Records ?? []) {
    const bucket = record.s3.bucket.name;
    const key = decodeURIComponent(record.s3.object.key.replace(/\+/g, ' '));
    let source;
    try {
      const object = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      source = Buffer.from(await object.Body.transformToByteArray());
    } catch (error) {
      // The kiosk deletes pictures that guests take back. S3 says 404 to who may list the bucket and 403 to who may not.
      if (error.name === 'NoSuchKey' || error.name === 'AccessDenied') {
        console.log(JSON.stringify({ skipped: key, reason: error.name }));
        continue;
      }
      throw error;
    }
    const picture = decode(source);
    const caption = picture.caption === undefined ? undefined : renderCaption(picture.caption, { date: new Date().toISOString().slice(0, 10) });
    const thumb = key.replace(/^uploads\//, 'thumbs/');
    await s3.send(new PutObjectCommand({
      Bucket: process.env.OUT_BUCKET,
      Key: thumb,
      Body: encode(shrink(picture, EDGE), caption),
      ContentType: 'image/x-portable-pixmap',
    }));
    made.push(thumb);
  }
  return { made };
};
