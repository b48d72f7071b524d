import type { Service } from '../../context.ts';
import { BatchExecuteStatement, ExecuteStatement } from './statements.ts';
import { BeginTransaction, CommitTransaction, RollbackTransaction } from './transactions.ts';

export {
  createDatabaseUser,
  databases,
  databaseVersion,
  LoginError,
  restoreDatabase,
  runSql,
  runSqlAs,
  type SqlRows,
} from './databases.ts';
export { closeSqlEngine, SqlError } from './sql-engine.ts';

/** SQL over HTTPS. differs from AWS: the dialect is SQLite's, whatever the cluster's engine. */
export const rdsData: Service = {
  id: 'rds-data',
  operations: { BatchExecuteStatement, BeginTransaction, CommitTransaction, ExecuteStatement, RollbackTransaction },
};
