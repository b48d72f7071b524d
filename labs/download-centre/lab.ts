import { CreateEventSourceMappingCommand, LambdaClient, PublishLayerVersionCommand } from '@aws-sdk/client-lambda';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import {
  allow,
  alphanumeric,
  attackFails,
  createExecutionRole,
  createFunction,
  createHttpApi,
  createUser,
  defineLab,
  hex,
  putRolePolicy,
  zipFiles,
} from '../../server/kit.ts';
import { links, pathsInOrders, pathsOnline, readTheDesk } from './attack.ts';
import { reportsAreDelivered, reportsAreRead, unusualNamesAreRead } from './checks/readers.ts';
import { desk, links as linksOfLayer, reports } from './reports.ts';

export default defineLab({
  needs: ['containment'],

  async deploy(world) {
    const { admin, id } = world.account();
    const canary = hex(world.random, 16);
    const token = alphanumeric(world.random, 24);
    world.secret('canary', canary);
    world.secret('token', token);
    const files = Object.fromEntries(Object.entries(reports).map(([path, text]) => [`reports/${path}`, text]));
    const { LayerVersionArn } = await admin.client(LambdaClient).send(
      new PublishLayerVersionCommand({
        LayerName: 'reports',
        Content: { ZipFile: zipFiles({ ...files, ...desk(canary) }, [], linksOfLayer) },
      }),
    );
    const more = { Layers: [LayerVersionArn!] };
    const Bucket = world.name('mailbox');
    await admin.client(S3Client).send(new CreateBucketCommand({ Bucket }));
    const variables = { REPORTS: '/opt/reports', LICENCE_TOKEN: token };
    const role = await createExecutionRole(admin, 'download-role');
    const download = await createFunction(admin, 'download', role, world.zip('function/download'), variables, more);

    const queue = `arn:aws:sqs:${world.region}:${id}:deliveries`;
    await admin.client(SQSClient).send(new CreateQueueCommand({ QueueName: 'deliveries' }));
    const deliverRole = await createExecutionRole(admin, 'deliver-role', 'AWSLambdaSQSQueueExecutionRole');
    await putRolePolicy(admin, 'deliver-role', 'mailbox', allow('s3:PutObject', `arn:aws:s3:::${Bucket}/orders/*`));
    await createFunction(
      admin,
      'deliver',
      deliverRole,
      world.zip('function/deliver'),
      { ...variables, MAILBOX: Bucket },
      more,
    );
    await admin
      .client(LambdaClient)
      .send(new CreateEventSourceMappingCommand({ FunctionName: 'deliver', EventSourceArn: queue, BatchSize: 10 }));
    await createUser(
      admin,
      'subscribers-shop',
      'orders',
      allow('sqs:SendMessage', queue),
      allow('s3:GetObject', `arn:aws:s3:::${Bucket}/orders/*`),
    );
    const api = await createHttpApi(admin, 'reports', 'GET /report', download);
    world.output('report address', `${world.cloud.endpoint}/_range/execute-api/${api}/report`);
    world.output('functions', 'download, deliver');
    world.output('layer', LayerVersionArn!);
    world.output('queue', 'deliveries');
    world.output('mailbox', Bucket);
  },

  exploit: readTheDesk,

  checks: {
    'reports-are-read': { kind: 'function', title: 'Reports are read online', points: 0, run: reportsAreRead },

    'unusual-names-are-read': {
      kind: 'function',
      title: 'Reports with dots, signs and other scripts in their names are read',
      points: 0,
      run: unusualNamesAreRead,
    },

    'reports-are-delivered': {
      kind: 'function',
      title: 'Ordered reports are delivered',
      points: 0,
      run: reportsAreDelivered,
    },

    'paths-stay-inside-online': {
      kind: 'exploit',
      title: 'No path leads out of the folder online',
      points: 40,
      run: attackFails(pathsOnline),
    },

    'paths-stay-inside-in-orders': {
      kind: 'exploit',
      title: 'No path leads out of the folder in an order',
      points: 35,
      run: attackFails(pathsInOrders),
    },

    'links-stay-inside': {
      kind: 'exploit',
      title: 'No link leads out of the folder',
      points: 25,
      run: attackFails(links),
    },
  },

  map: {
    nodes: [
      { id: 'reader', label: 'A reader', kind: 'entry' },
      { id: 'queue', label: 'deliveries', kind: 'resource' },
      { id: 'download', label: 'download', kind: 'principal' },
      { id: 'deliver', label: 'deliver', kind: 'principal' },
      { id: 'files', label: "Trading papers, the functions' environment", kind: 'impact' },
    ],
    edges: [
      { from: 'reader', to: 'download', call: 'GET /report?file=…', cutBy: [] },
      { from: 'reader', to: 'queue', call: 'an order with a file', cutBy: [] },
      { from: 'queue', to: 'deliver', call: 'the message', cutBy: [] },
      {
        from: 'download',
        to: 'files',
        call: 'a path out of the folder',
        cutBy: ['paths-stay-inside-online', 'links-stay-inside'],
      },
      {
        from: 'deliver',
        to: 'files',
        call: 'a path out of the folder',
        cutBy: ['paths-stay-inside-in-orders', 'links-stay-inside'],
      },
    ],
  },
});
