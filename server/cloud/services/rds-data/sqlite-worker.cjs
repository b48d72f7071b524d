'use strict';
/**
 * SQLite in WebAssembly, in a thread of its own: SQL is learners' input. There is no file, no socket and no extension in
 * its reach (its file system is memory), and whoever started the thread can end it in the middle of a statement.
 * A database comes as bytes, named by their SHA-256, and stays open under that name until a statement changes it.
 */
const { createHash } = require('node:crypto');
const { readlinkSync } = require('node:fs');
const { parentPort } = require('node:worker_threads');
const initSqlJs = require('sql.js');

/** What a database may grow to, and what statements may use for it. */
const MOST_PAGES = 4096;
const HEAP_BYTES = 128 * 1024 * 1024;
const MOST_OPEN = 24;
const MOST_OPEN_PAGES = 16_384;
/** Data definition and manipulation; not ATTACH, PRAGMA, VACUUM, nor transactions, which the Data API keeps. */
const ALLOWED = new Set([
  'SELECT',
  'VALUES',
  'WITH',
  'INSERT',
  'REPLACE',
  'UPDATE',
  'DELETE',
  'CREATE',
  'ALTER',
  'DROP',
  'EXPLAIN',
]);

const open = new Map();

class Refused extends Error {
  constructor(kind, message) {
    super(message);
    this.kind = kind;
  }
}

initSqlJs().then((SQL) => {
  parentPort.on('message', (request) => {
    try {
      parentPort.postMessage({ id: request.id, ...answer(SQL, request) });
    } catch (error) {
      parentPort.postMessage({
        id: request.id,
        error: { kind: error.kind ?? 'sql', message: String(error.message ?? error) },
      });
    }
  });
  parentPort.postMessage({ ready: true, task: task() });
});

/** The thread's number in Linux, by which it counts what the thread waits for a processor. */
function task() {
  try {
    return Number(readlinkSync('/proc/thread-self').split('/')[2]);
  } catch {
    return undefined;
  }
}

function answer(SQL, request) {
  const { name, bytes } = request;
  let database = open.get(name);
  if (!database) {
    if (name !== '' && !bytes) return { need: true };
    database = new SQL.Database(bytes ?? null);
    database.exec(
      `PRAGMA hard_heap_limit = ${HEAP_BYTES}; PRAGMA max_page_count = ${MOST_PAGES}; PRAGMA foreign_keys = ON;
       PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF;`,
    );
  }
  open.delete(name);
  const before = stamp(database);
  let after;
  try {
    database.exec(`PRAGMA query_only = ${request.readOnly ? 'ON' : 'OFF'}`);
    const result = transact(database, request);
    if (database.exec('SELECT count(*) FROM sqlite_temp_schema')[0].values[0][0] > 0)
      throw new Refused('sql', 'temporary tables are not supported');
    if (stamp(database) === before) {
      after = name;
      return { result };
    }
    const bytes = database.export();
    after = createHash('sha256').update(bytes).digest('hex');
    return { result, written: { name: after, bytes } };
  } finally {
    // After a failure nobody may find half of a change under the old name (INSERT OR FAIL, temporary tables).
    if (after === undefined && untouched(database, before)) after = name;
    if (after === undefined) database.close();
    else keep(after, database);
  }
}

function untouched(database, before) {
  try {
    return stamp(database) === before && database.exec('SELECT count(*) FROM sqlite_temp_schema')[0].values[0][0] === 0;
  } catch {
    return false;
  }
}

/** The least recently used databases are closed: by their number, and by the memory that they take. */
function keep(name, database) {
  const twin = open.get(name);
  if (twin && twin !== database) twin.close();
  open.delete(name);
  open.set(name, database);
  let pages = 0;
  for (const other of open.values()) pages += other.exec('PRAGMA page_count')[0].values[0][0];
  for (const [oldest, other] of open) {
    if (oldest === name || (open.size <= MOST_OPEN && pages <= MOST_OPEN_PAGES)) break;
    pages -= other.exec('PRAGMA page_count')[0].values[0][0];
    open.delete(oldest);
    other.close();
  }
}

/** Differs after every statement that changed rows or the schema. */
function stamp(database) {
  return `${database.exec('SELECT total_changes()')[0].values[0][0]} ${database.exec('PRAGMA schema_version')[0].values[0][0]}`;
}

/** All of the request's executions, or none. */
function transact(database, request) {
  const several = request.script || request.sets.length > 1;
  if (several) database.exec(request.readOnly ? 'BEGIN' : 'BEGIN IMMEDIATE');
  try {
    const results = request.script
      ? [script(database, request)]
      : request.sets.map((parameters) => single(database, request, parameters));
    if (several) database.exec('COMMIT');
    return results;
  } catch (error) {
    if (several)
      try {
        database.exec('ROLLBACK');
      } catch {
        // SQLite has rolled back already.
      }
    throw error;
  }
}

function single(database, request, parameters) {
  const statements = database.iterateStatements(request.sql);
  try {
    const { value: statement, done } = statements.next();
    if (done) throw new Refused('sql', 'the statement is empty');
    if (withoutComments(statements.getRemainingSQL()) !== '') throw new Refused('multi', '');
    return execute(database, statement, parameters, request);
  } finally {
    statements.return();
  }
}

/** For labs and graders: any number of statements; the last one's rows. */
function script(database, request) {
  let last = { keyword: '', columns: [], rows: [], changes: 0, lastId: 0 };
  let changes = 0;
  for (const statement of database.iterateStatements(request.sql)) {
    last = execute(database, statement, request.sets[0], request);
    changes += last.changes;
  }
  return { ...last, changes };
}

function execute(database, statement, parameters, { most }) {
  const keyword = firstWord(statement.getSQL());
  if (!ALLOWED.has(keyword)) throw new Refused('refused', keyword);
  statement.bind(parameters);
  const changesBefore = database.exec('SELECT total_changes()')[0].values[0][0];
  const rows = [];
  let size = 0;
  while (statement.step()) {
    const row = statement.get(null, { useBigInt: true });
    for (const value of row) size += sizeOf(value);
    if (size > most) throw new Refused('size', '');
    rows.push(row);
  }
  const columns = statement.getColumnNames();
  const [changes, lastId] = database.exec('SELECT total_changes(), last_insert_rowid()')[0].values[0];
  const written = ['INSERT', 'REPLACE', 'UPDATE', 'DELETE', 'WITH'].includes(keyword) && changes > changesBefore;
  return { keyword, columns, rows, changes: written ? database.getRowsModified() : 0, lastId };
}

const sizeOf = (value) => 8 + (typeof value === 'string' || value instanceof Uint8Array ? value.length : 8);

/** The first keyword, in capitals; '' when there is none. */
function firstWord(sql) {
  return /^[a-zA-Z]+/.exec(withoutComments(sql))?.[0].toUpperCase() ?? '';
}

/** The text from its first token on; comments and empty statements are none. */
function withoutComments(sql) {
  let at = 0;
  for (;;) {
    while (at < sql.length && ' \t\n\f\r;\uFEFF'.includes(sql[at])) at++;
    if (sql.startsWith('--', at)) {
      const end = sql.indexOf('\n', at);
      at = end < 0 ? sql.length : end + 1;
    } else if (sql.startsWith('/*', at) && at + 2 < sql.length) {
      const end = sql.indexOf('*/', at + 2);
      at = end < 0 ? sql.length : end + 2;
    } else return sql.slice(at);
  }
}
