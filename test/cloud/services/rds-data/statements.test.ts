import {
  BatchExecuteStatementCommand,
  BeginTransactionCommand,
  CommitTransactionCommand,
  ExecuteStatementCommand,
  type ExecuteStatementCommandInput,
  RDSDataClient,
  RollbackTransactionCommand,
} from '@aws-sdk/client-rds-data';
import { afterAll, describe, expect, it } from 'vitest';
import type { Cloud } from '../../../../server/cloud/cloud.ts';
import { seededRandom } from '../../../../server/cloud/random.ts';
import { hashPassword } from '../../../../server/cloud/services/rds/passwords.ts';
import { type ClusterRecord, clusters } from '../../../../server/cloud/services/rds/tables.ts';
import {
  closeSqlEngine,
  createDatabaseUser,
  databaseVersion,
  LoginError,
  restoreDatabase,
  runSql,
  runSqlAs,
} from '../../../../server/cloud/services/rds-data/index.ts';
import { client, createTestCloud, OWN, REGION, root } from '../../test-cloud.ts';
import { person } from '../kms/people.ts';

const resourceArn = `arn:aws:rds:${REGION}:${OWN}:cluster:shop`;
const scope = { account: OWN, region: REGION };

function makeCluster(cloud: Cloud, more: Partial<ClusterRecord> = {}): void {
  cloud.transact((state) =>
    state.put(clusters, scope, 'shop', {
      id: 'shop',
      engine: 'aurora-postgresql',
      engineVersion: '16.6',
      engineMode: 'provisioned',
      masterUsername: 'admin1',
      password: hashPassword(cloud.random, 'correct-horse'),
      subnetGroup: 'g',
      securityGroupIds: [],
      networkInterfaceId: 'eni-1',
      port: 5432,
      httpEndpoint: true,
      deletionProtection: false,
      iamAuthentication: false,
      backupRetentionDays: 1,
      storageEncrypted: false,
      dnsSuffix: 'cabc',
      resourceId: 'cluster-ONE',
      created: 0,
      tags: { team: 'a' },
      ...more,
    }),
  );
}

async function start(more: Partial<ClusterRecord> = {}) {
  const { cloud, clock } = createTestCloud();
  makeCluster(cloud, more);
  const secret = (name: string, value: string) =>
    cloud
      .call<{ ARN: string }>(root(), 'secretsmanager', 'CreateSecret', { Name: name, SecretString: value })
      .then(({ ARN }) => ARN);
  const secretArn = await secret('admin', JSON.stringify({ username: 'admin1', password: 'correct-horse' }));
  const rds = client(RDSDataClient, cloud);
  const run = (sql: string, input: Partial<ExecuteStatementCommandInput> = {}) =>
    rds.send(new ExecuteStatementCommand({ resourceArn, secretArn, sql, ...input }));
  return { cloud, clock, rds, run, secret, secretArn };
}

const table = 'create table products(id integer primary key, name text, price real, hidden integer default 0)';
const rows = "insert into products(name, price) values ('tea', 2.5), ('coffee', 3.25), ('O''Brien mug', 9)";

afterAll(closeSqlEngine);

describe('statements', () => {
  it('make tables, change rows and read them back as fields', async () => {
    const { run } = await start();
    await run(table);
    expect(await run(rows)).toMatchObject({ numberOfRecordsUpdated: 3, generatedFields: [] });
    const answer = await run(
      "select id, name, price, null as none, x'0102' as bytes from products where price > :least order by id",
      {
        parameters: [{ name: 'least', value: { doubleValue: 3 } }],
        includeResultMetadata: true,
      },
    );
    expect(answer.records).toEqual([
      [
        { longValue: 2 },
        { stringValue: 'coffee' },
        { doubleValue: 3.25 },
        { isNull: true },
        { blobValue: new Uint8Array([1, 2]) },
      ],
      [
        { longValue: 3 },
        { stringValue: "O'Brien mug" },
        { doubleValue: 9 },
        { isNull: true },
        { blobValue: new Uint8Array([1, 2]) },
      ],
    ]);
    expect(answer.columnMetadata).toMatchObject([
      { name: 'id', typeName: 'int8' },
      { name: 'name', typeName: 'text' },
      { typeName: 'float8' },
      {},
      {},
    ]);
    expect(await run('update products set hidden = 1 where price > 3')).toMatchObject({ numberOfRecordsUpdated: 2 });
    expect(await run('select count(*) n from products where hidden = 1', { formatRecordsAs: 'JSON' })).toMatchObject({
      formattedRecords: '[{"n":2}]',
    });
    expect((await run('select 12345678901', { resultSetOptions: { longReturnType: 'STRING' } })).records).toEqual([
      [{ stringValue: '12345678901' }],
    ]);
  });

  it('take typed parameters and do not mix them into the text', async () => {
    const { run } = await start();
    await run(table);
    await run(rows);
    const search = async (name: string) =>
      (
        await run('select name from products where name = :name -- and :not_me', {
          parameters: [{ name: 'name', value: { stringValue: name } }],
        })
      ).records;
    expect(await search("O'Brien mug")).toEqual([[{ stringValue: "O'Brien mug" }]]);
    expect(await search("' or '1'='1")).toEqual([]);
    const values = [
      { isNull: true },
      { booleanValue: true },
      { longValue: 7 },
      { blobValue: new Uint8Array([9]) },
    ] as const;
    for (const value of values) {
      const { records } = await run('select :v', { parameters: [{ name: 'v', value }] });
      expect(records).toEqual([['booleanValue' in value ? { longValue: 1 } : value]]);
    }
    await expect(run('select :v')).rejects.toMatchObject({
      name: 'BadRequestException',
      message: 'Cannot find parameter: v',
    });
    await expect(
      run('select :v', { parameters: [{ name: 'v', value: { arrayValue: { longValues: [1] } } }] }),
    ).rejects.toMatchObject({ message: 'Array parameters are not supported.' });
    await expect(
      run('select :v', { parameters: [{ name: 'v', value: { stringValue: 'x' }, typeHint: 'DATE' }] }),
    ).rejects.toMatchObject({ name: 'BadRequestException' });
    await run('select :v', { parameters: [{ name: 'v', value: { stringValue: '2026-11-22' }, typeHint: 'DATE' }] });
  });

  it('are executed for every set of a batch, or for none', async () => {
    const { rds, run, secretArn } = await start({ engine: 'aurora-mysql' });
    await run('create table t(id integer primary key, n integer unique)');
    const insert = (...ns: number[]) =>
      rds.send(
        new BatchExecuteStatementCommand({
          resourceArn,
          secretArn,
          sql: 'insert into t(n) values(:n)',
          parameterSets: ns.map((n) => [{ name: 'n', value: { longValue: n } }]),
        }),
      );
    expect((await insert(1, 2)).updateResults).toEqual([
      { generatedFields: [{ longValue: 1 }] },
      { generatedFields: [{ longValue: 2 }] },
    ]);
    await expect(insert(3, 1)).rejects.toMatchObject({ message: 'ERROR: UNIQUE constraint failed: t.n' });
    expect((await run('select count(*) from t')).records).toEqual([[{ longValue: 2 }]]);
  });

  it("with mistakes are answered with the database's words", async () => {
    const { run } = await start();
    await expect(run('selec 1')).rejects.toMatchObject({ name: 'BadRequestException' });
    await expect(run('select * from nowhere')).rejects.toMatchObject({ message: 'ERROR: no such table: nowhere' });
    await expect(run('select 1; drop table products')).rejects.toMatchObject({
      message: "Multistatements aren't supported",
    });
    await run('select 1; -- nothing more ;');
    await run("select ';' /* ; */");
  });
});

describe('hostile statements', () => {
  it.each([
    "attach 'x.db' as x",
    " /* a */ ; -- b\n ATTACH 'x' AS y",
    'pragma query_only = off',
    "vacuum into 'x'",
    'begin',
    'commit',
    'savepoint a',
    "explain; attach 'x' as y",
    "\u00a0attach 'x' as y",
    'detach main',
    'analyze',
    'reindex',
    "select load_extension('x')",
    "select readfile('/etc/passwd')",
    'select * from pragma_query_only(0)',
    'create temp table t(x)',
    "select writefile('a','b')",
    'select zeroblob(900000000)',
  ])('%s is refused', async (sql) => {
    const { run } = await start();
    await expect(run(sql)).rejects.toMatchObject({ name: 'BadRequestException' });
  });

  it('that run for ever are ended, and others go on', async () => {
    const { run } = await start();
    await run(table);
    await run(rows);
    const endless = run('with recursive r(n) as (select 1 union all select n + 1 from r) select count(*) from r');
    await expect(endless).rejects.toMatchObject({ name: 'BadRequestException', message: 'Query timed out' });
    expect((await run('select count(*) from products')).records).toEqual([[{ longValue: 3 }]]);
  });

  it('that answer too much are refused', async () => {
    const { run } = await start();
    const sql =
      "with recursive r(n) as (select 1 union all select n + 1 from r limit 5000) select n, printf('%.500c', 'x') from r";
    await expect(run(sql)).rejects.toMatchObject({
      message: 'Database returned more than the allowed response size limit',
    });
  });

  it('leave nothing behind that they did not commit', async () => {
    const { run, cloud } = await start();
    await run('create table t(n integer unique)');
    const before = databaseVersion(cloud, scope, 'shop');
    await expect(run('insert or fail into t values (1), (2), (1)')).rejects.toMatchObject({
      name: 'BadRequestException',
    });
    expect(databaseVersion(cloud, scope, 'shop')).toBe(before);
    expect((await run('select count(*) from t')).records).toEqual([[{ longValue: 0 }]]);
  });
});

describe('transactions', () => {
  it('show their changes to nobody before they are committed', async () => {
    const { rds, run, secretArn } = await start();
    await run(table);
    const { transactionId } = await rds.send(new BeginTransactionCommand({ resourceArn, secretArn }));
    await run(rows, { transactionId });
    expect((await run('select count(*) from products', { transactionId })).records).toEqual([[{ longValue: 3 }]]);
    expect((await run('select count(*) from products')).records).toEqual([[{ longValue: 0 }]]);
    expect(await rds.send(new CommitTransactionCommand({ resourceArn, secretArn, transactionId }))).toMatchObject({
      transactionStatus: 'Transaction Committed',
    });
    expect((await run('select count(*) from products')).records).toEqual([[{ longValue: 3 }]]);
    await expect(run('select 1', { transactionId })).rejects.toMatchObject({ name: 'TransactionNotFoundException' });
  });

  it('can be rolled back, time out, and do not overwrite what others committed', async () => {
    const { cloud, clock, rds, run, secretArn } = await start();
    await run(table);
    const begin = async () => (await rds.send(new BeginTransactionCommand({ resourceArn, secretArn }))).transactionId;
    const first = await begin();
    await run(rows, { transactionId: first });
    expect(
      await rds.send(new RollbackTransactionCommand({ resourceArn, secretArn, transactionId: first })),
    ).toMatchObject({ transactionStatus: 'Rollback Complete' });
    const second = await begin();
    await run(rows, { transactionId: second });
    await run("insert into products(name) values('other')");
    await expect(
      rds.send(new CommitTransactionCommand({ resourceArn, secretArn, transactionId: second })),
    ).rejects.toMatchObject({ message: expect.stringContaining('could not serialize access') });
    expect((await run('select name from products')).records).toEqual([[{ stringValue: 'other' }]]);
    const third = await begin();
    clock.advance(181_000);
    await expect(
      cloud.call(root(), 'rds-data', 'ExecuteStatement', {
        resourceArn,
        secretArn,
        sql: 'select 1',
        transactionId: third,
      }),
    ).rejects.toMatchObject({ name: 'TransactionNotFoundException' });
  });
});

describe('who may run statements', () => {
  it('needs the cluster, the secret, and a secret that is right', async () => {
    const { cloud, secret, secretArn } = await start();
    const data = { Action: 'rds-data:ExecuteStatement', Resource: resourceArn };
    const run = (name: string, statements: Parameters<typeof person>[2], arn = secretArn) =>
      cloud.call(person(cloud, name, statements).caller, 'rds-data', 'ExecuteStatement', {
        resourceArn,
        secretArn: arn,
        sql: 'select 1',
      });
    await run('ann', [data, { Action: 'secretsmanager:GetSecretValue', Resource: secretArn }]);
    await expect(run('bob', [data])).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining('secretsmanager:GetSecretValue'),
    });
    await expect(run('cat', [{ Action: 'secretsmanager:GetSecretValue', Resource: '*' }])).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining('rds-data:ExecuteStatement'),
    });
    const all = [{ Action: '*', Resource: '*' }];
    await expect(
      run('dan', all, await secret('wrong', '{"username":"admin1","password":"guess"}')),
    ).rejects.toMatchObject({
      name: 'BadRequestException',
      message: 'FATAL: password authentication failed for user "admin1"; SQLState: 28P01',
    });
    await expect(run('eve', all, await secret('text', 'correct-horse'))).rejects.toMatchObject({
      name: 'InvalidSecretException',
    });
    await expect(run('fay', all, 'none')).rejects.toMatchObject({ name: 'SecretsErrorException' });
  });

  it('ends when the password changes', async () => {
    const { cloud, run } = await start();
    await run('select 1');
    makeCluster(cloud, { password: hashPassword(cloud.random, 'another-one') });
    await expect(run('select 1')).rejects.toMatchObject({ name: 'BadRequestException' });
  });

  it('is nobody without the HTTP endpoint or the cluster', async () => {
    const { run } = await start({ httpEndpoint: false });
    await expect(run('select 1')).rejects.toMatchObject({ name: 'HttpEndpointNotEnabledException' });
    await expect(run('select 1', { resourceArn: `${resourceArn}2` })).rejects.toMatchObject({
      name: 'DatabaseNotFoundException',
    });
    await expect(run('select 1', { resourceArn: 'shop' })).rejects.toMatchObject({ name: 'BadRequestException' });
  });

  it('may be a user who can read and not write', async () => {
    const { cloud, run, secret } = await start();
    await run(table);
    await run(rows);
    createDatabaseUser(cloud, scope, 'shop', { name: 'reader', password: 'pw', rights: 'read' });
    const secretArn = await secret('reader', '{"username":"reader","password":"pw"}');
    expect((await run('select count(*) from products', { secretArn })).records).toEqual([[{ longValue: 3 }]]);
    for (const sql of [
      'delete from products',
      'drop table products',
      'create table x(y)',
      'with r as (select 1) insert into products(name) select * from r',
    ])
      await expect(run(sql, { secretArn })).rejects.toMatchObject({
        message: 'ERROR: permission denied for user reader',
      });
    await run('delete from products where id = 1');
  });
});

describe('databases', () => {
  it('are shared by forks until one of them writes', async () => {
    const { cloud, run } = await start();
    await run(table);
    await run(rows);
    const fork = cloud.fork({ id: 'fork', random: seededRandom('fork') });
    await runSql(fork, scope, 'shop', 'delete from products');
    expect((await runSql(fork, scope, 'shop', 'select count(*) n from products')).rows).toEqual([[0]]);
    expect((await run('select count(*) from products')).records).toEqual([[{ longValue: 3 }]]);
    await fork.close();
  });

  it('take scripts and are put back by labs', async () => {
    const { cloud } = await start();
    await runSql(cloud, scope, 'shop', `${table}; ${rows};`);
    const version = databaseVersion(cloud, scope, 'shop');
    expect(
      await runSql(cloud, scope, 'shop', 'delete from products where id = :id; select name from products', { id: 1 }),
    ).toMatchObject({ rows: [['coffee'], ["O'Brien mug"]], columns: ['name'] });
    await restoreDatabase(cloud, scope, 'shop', version);
    expect((await runSql(cloud, scope, 'shop', 'select count(*) from products')).rows).toEqual([[3]]);
  });

  it('are asked by simulated hosts as a user', async () => {
    const { cloud } = await start();
    await runSql(cloud, scope, 'shop', `${table}; ${rows};`);
    const ask = (password: string) =>
      runSqlAs(cloud, scope, 'shop', { user: 'admin1', password }, 'select name from products where id = :id', {
        id: 2,
      });
    expect((await ask('correct-horse')).rows).toEqual([['coffee']]);
    await expect(ask('guess')).rejects.toBeInstanceOf(LoginError);
  });

  it('start empty with a new cluster of an old name', async () => {
    const { cloud, run } = await start();
    await run(table);
    makeCluster(cloud, { resourceId: 'cluster-TWO' });
    await expect(run('select * from products')).rejects.toMatchObject({ message: 'ERROR: no such table: products' });
  });

  it('lose no write when many come at once', async () => {
    const { run } = await start();
    await run('create table t(n)');
    await Promise.all(Array.from({ length: 20 }, (_, n) => run(`insert into t values(${n})`)));
    expect((await run('select count(*) from t')).records).toEqual([[{ longValue: 20 }]]);
  });
});
