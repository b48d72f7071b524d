import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  alphanumeric,
  type CheckContext,
  fail,
  hex,
  type Outcome,
  objectEventRoutes,
  pass,
} from '../../../server/kit.ts';
import { picture } from '../photos.ts';

/** A kiosk puts a picture into the in bucket and waits for its thumbnail. */
export async function aThumbnailAppears(ctx: CheckContext): Promise<Outcome> {
  const color = [...ctx.random.bytes(3)];
  const name = `${alphanumeric(ctx.random, 6)} Anna + José.ppm`;
  const kiosk = ctx.user('photo-kiosk').client(S3Client);
  const caption = `table ${alphanumeric(ctx.random, 4)}`;
  await kiosk.send(
    new PutObjectCommand({
      Bucket: ctx.outputs['in bucket']!,
      Key: `uploads/${name}`,
      Body: picture(64, 48, color, caption),
    }),
  );
  await ctx.settle();
  const got = await ctx.attempt(async () => {
    const object = await kiosk.send(
      new GetObjectCommand({ Bucket: ctx.outputs['out bucket']!, Key: `thumbs/${name}` }),
    );
    return Buffer.from(await object.Body!.transformToByteArray());
  });
  if (!got.ok)
    return fail(
      `thumbs/${name} did not appear in ${ctx.outputs['out bucket']} after an upload (${got.code})${ctx.lastFailure()}`,
    );
  const size = /^P6\s(?:#.*\n)*\s*(\d+) (\d+)\s/.exec(got.value.toString('latin1'));
  const pixel = [...got.value.subarray(-3)];
  if (!size || Number(size[1]) > 32 || pixel.some((value, i) => value !== color[i]))
    return fail(`thumbs/${name} is not a thumbnail of the picture that was uploaded`);
  return pass(`a picture uploaded by photo-kiosk came back as a thumbnail of ${size[1]}×${size[2]}`);
}

/** Whatever is called for a new object is called for one that is gone. */
export async function aMissingPictureIsSkipped(ctx: CheckContext): Promise<Outcome> {
  const bucket = ctx.outputs['in bucket']!;
  const routes = await objectEventRoutes(ctx, bucket);
  if (routes.length === 0) return fail(`nothing is called when an object is put into ${bucket}`);
  const event = {
    Records: [
      {
        eventSource: 'aws:s3',
        eventName: 'ObjectCreated:Put',
        s3: {
          bucket: { name: bucket, arn: `arn:aws:s3:::${bucket}` },
          object: { key: `uploads/gone-${hex(ctx.random, 6)}.ppm`, size: 1 },
        },
      },
    ],
  };
  for (const { target, wrap } of routes) {
    const answer = await ctx
      .admin()
      .client(LambdaClient)
      .send(new InvokeCommand({ FunctionName: target, Payload: Buffer.from(JSON.stringify(wrap(event))) }));
    const said = Buffer.from(answer.Payload ?? []).toString();
    if (answer.FunctionError || /"batchItemFailures":\[\{/.test(said))
      return fail(`${target.split(':')[6]} fails on a picture that was deleted: ${said.slice(0, 200)}`);
  }
  return pass('a picture that is gone is skipped without an error');
}
