const AWS = require('aws-sdk');

const s3 = new AWS.S3();
const db = new AWS.DynamoDB.DocumentClient();
const sqs = new AWS.SQS();
const { TABLE, CUSTOMS } = process.env;

// S3 tells of each waybill that a driver has scanned.
exports.handler = function (event, context, callback) {
  const { bucket, object } = event.Records[0].s3;
  const Key = decodeURIComponent(object.key.replace(/\+/g, ' '));

  s3.getObject({ Bucket: bucket.name, Key }, function (error, data) {
    if (error && error.code === 'NoSuchKey') {
      // A driver may take a scan back before its turn comes.
      return db.put({ TableName: TABLE, Item: { id: Key, state: 'gone' } }, (problem) => callback(problem, 'gone'));
    }
    if (error) return callback(error);

    const { id, from, to, kilos, note } = JSON.parse(data.Body.toString('utf8'));
    const Item = { id, from, to, kilos, note, state: 'arrived' };
    db.put({ TableName: TABLE, Item, ConditionExpression: 'attribute_not_exists(id)' })
      .promise()
      .then(() => {
        if (from.country === to.country) return undefined;
        const MessageBody = JSON.stringify({ id, from, to, kilos });
        return sqs.sendMessage({ QueueUrl: CUSTOMS, MessageBody }).promise();
      })
      .then(() => {
        const Body = `${id}: ${from.city} - ${to.city}, ${kilos} kg, arrived`;
        return s3.putObject({ Bucket: bucket.name, Key: `receipts/${id}.txt`, Body }).promise();
      })
      .then(() => callback(null, 'arrived'))
      .catch((problem) => {
        // Scanned twice: the first scan counts.
        if (problem.code === 'ConditionalCheckFailedException') return callback(null, 'known');
        callback(problem);
      });
  });
};
