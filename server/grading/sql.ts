import type { Cloud } from '../cloud/cloud.ts';
import { AwsError } from '../cloud/errors.ts';
import { findCluster } from '../cloud/services/rds/index.ts';
import { createDatabaseUser, runSql, SqlError } from '../cloud/services/rds-data/index.ts';

/** A deploying world or a check's context: both have a cloud and accounts. */
interface Owner {
  cloud: Cloud;
  account(): { id: string };
}

/**
 * Runs SQL (SQLite's dialect, several statements too) on the database of an RDS cluster, outside of all authorisation, and
 * gives the rows of the last statement. For fixtures, and to see what is really stored.
 * @throws AwsError when the cluster, a table or a column is gone: the account's state, not a fault of the check
 */
export async function sql(
  owner: Owner,
  clusterId: string,
  text: string,
  parameters: Record<string, string | number | null> = {},
): Promise<Record<string, unknown>[]> {
  const scope = owner.cloud.scope(owner.account().id);
  mustExist(owner, clusterId);
  try {
    const { columns, rows } = await runSql(owner.cloud, scope, clusterId, text, parameters);
    return rows.map((row) => Object.fromEntries(row.map((value, i) => [columns[i]!, value])));
  } catch (error) {
    if (error instanceof SqlError && error.kind === 'sql')
      throw new AwsError('BadRequestException', `ERROR: ${error.message} (database of ${clusterId})`);
    throw error;
  }
}

/** Adds a user of the database beside the cluster's master user; `read` may not change anything. */
export function databaseUser(
  owner: Owner,
  clusterId: string,
  user: { name: string; password: string; rights: 'read' | 'write' },
): void {
  mustExist(owner, clusterId);
  createDatabaseUser(owner.cloud, owner.cloud.scope(owner.account().id), clusterId, user);
}

function mustExist(owner: Owner, clusterId: string): void {
  if (!findCluster(owner.cloud.state, owner.cloud.scope(owner.account().id), clusterId))
    throw new AwsError('DBClusterNotFoundFault', `DBCluster ${clusterId} not found.`, 404);
}
