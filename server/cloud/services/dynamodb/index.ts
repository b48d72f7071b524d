import type { Service } from '../../context.ts';
import * as backups from './backups.ts';
import * as batch from './batch.ts';
import { DeleteItem, GetItem, PutItem, UpdateItem } from './items.ts';
import * as partiql from './partiql/index.ts';
import { Query, Scan } from './query.ts';
import * as resourcePolicies from './resource-policies.ts';
import { nextSweep, sweep } from './sweep.ts';
import { CreateTable, DeleteTable, DescribeTable, ListTables } from './tables.ts';
import { ListTagsOfResource, TagResource, UntagResource } from './tags.ts';
import * as timeToLive from './time-to-live.ts';
import { TransactGetItems, TransactWriteItems } from './transactions.ts';
import { UpdateTable } from './update-table.ts';

/** Tables, items, indexes, transactions and PartiQL of DynamoDB. */
export const dynamodb: Service = {
  id: 'dynamodb',
  stored: {
    UpdateContinuousBackups: 'nothing can be restored',
  },
  operations: {
    ...{ CreateTable, DescribeTable, UpdateTable, DeleteTable, ListTables },
    ...{ PutItem, GetItem, UpdateItem, DeleteItem, Query, Scan },
    ...batch,
    ...{ TransactGetItems, TransactWriteItems },
    ...partiql,
    ...timeToLive,
    ...{ TagResource, UntagResource, ListTagsOfResource },
    ...resourcePolicies,
    ...backups,
  },
  background: sweep,
  nextDue: nextSweep,
};
