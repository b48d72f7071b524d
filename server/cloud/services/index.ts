import type { Service } from '../context.ts';
import { accessanalyzer } from './accessanalyzer/index.ts';
import { apigateway } from './apigateway/index.ts';
import { apigatewayv2 } from './apigatewayv2/index.ts';
import { cloudtrail } from './cloudtrail/index.ts';
import { dynamodb } from './dynamodb/index.ts';
import { dynamodbStreams } from './dynamodbstreams/index.ts';
import { ec2 } from './ec2/index.ts';
import { events } from './events/index.ts';
import { iam } from './iam/index.ts';
import { kms } from './kms/index.ts';
import { lambda } from './lambda/index.ts';
import { logs } from './logs/index.ts';
import { rds } from './rds/index.ts';
import { rdsData } from './rds-data/index.ts';
import { s3 } from './s3/index.ts';
import { secretsmanager } from './secretsmanager/index.ts';
import { sns } from './sns/index.ts';
import { sqs } from './sqs/index.ts';
import { ssm } from './ssm/index.ts';
import { sts } from './sts/index.ts';

/** Every service of the embedded cloud, by folder name. */
export const services: Record<string, Service> = {
  iam,
  sts,
  lambda,
  s3,
  sqs,
  sns,
  secretsmanager,
  ssm,
  kms,
  logs,
  ec2,
  apigateway,
  apigatewayv2,
  rds,
  'rds-data': rdsData,
  dynamodb,
  dynamodbstreams: dynamodbStreams,
  events,
  cloudtrail,
  accessanalyzer,
};
