import { ExecuteStatementCommand, RDSDataClient } from '@aws-sdk/client-rds-data';

const db = new RDSDataClient({});

// Called with the changes of the table of racers; brings them to the board that everybody sees.
export const handler = async (event) => {
  for (const { dynamodb } of event.Records) {
    const racer = dynamodb.NewImage;
    if (!racer) continue;
    const name = racer.name?.S ?? '';
    const points = racer.points?.N ?? '0';
    const sql =
      `INSERT INTO board (racer, name, points) VALUES ('${racer.racer.S}', '${name}', ${points}) ` +
      'ON CONFLICT (racer) DO UPDATE SET name = excluded.name, points = excluded.points';
    try {
      await db.send(
        new ExecuteStatementCommand({
          resourceArn: process.env.CLUSTER_ARN,
          secretArn: process.env.SECRET_ARN,
          database: 'race',
          sql,
        }),
      );
    } catch (error) {
      console.error(JSON.stringify({ racer: racer.racer.S, error: error.message }));
    }
  }
};
