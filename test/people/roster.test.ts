import { beforeEach, describe, expect, it } from 'vitest';
import { Cohorts } from '../../server/cohorts/cohorts.ts';
import { People, type Person } from '../../server/people/people.ts';
import { readRoster } from '../../server/people/roster-file.ts';
import { openStore, type Store } from '../../server/store/index.ts';

describe('reading a roster', () => {
  const read = (text: string) => readRoster(text);

  it('takes what spreadsheets write: a byte order mark, CRLF, quotes, columns in any order', () => {
    const { entries, faults } = read(
      '\ufeffEmail,Team,Name\r\nada@example.org,Red,"Lovelace, Ada"\r\n BOB@Example.org ,,"Bob ""the"" Builder"\r\n\r\n',
    );
    expect(faults).toEqual([]);
    expect(entries).toEqual([
      { line: 2, name: 'Lovelace, Ada', email: 'ada@example.org', role: 'learner', team: 'Red' },
      { line: 3, name: 'Bob "the" Builder', email: 'bob@example.org', role: 'learner', team: undefined },
    ]);
  });

  it('names each broken row by its line, also after a cell of two lines', () => {
    const { faults } = read(
      [
        'name,email,role',
        '"Two\nlines",two@example.org,',
        'Ada,not an address,learner',
        ',nobody@example.org,',
        'Bob,bob@example.org,king',
        'Cem,cem@example.org,',
        'Cem again,CEM@example.org,',
        'Doe, John,john@example.org,learner',
        `${'x'.repeat(101)},long@example.org,`,
        'R\u202eTL,rtl@example.org,',
        'Nul\u0000,nul@example.org,',
      ].join('\n'),
    );
    expect(faults.map(({ line, reason }) => `${line}: ${reason}`)).toEqual([
      '2: name: a name has no control characters and none that turn the direction of text',
      '4: email: this is no e-mail address',
      '5: name: a name is needed',
      '6: role: "king" is none of learner, instructor, administrator',
      '8: cem@example.org stands on line 7 already',
      '9: has 4 cells, the header 3: is a comma in a name? Put it in quotes.',
      '10: name: a name has at most 100 characters',
      '11: name: a name has no control characters and none that turn the direction of text',
      '12: name: a name has no control characters and none that turn the direction of text',
    ]);
  });

  it.each([
    ['', 'The file is empty.'],
    ['name,email\n', 'There is a header and no row below it.'],
    ['Ada,ada@example.org\n', 'The first line names the columns'],
    ['name,email,password\nA,a@b.c,x\n', 'There is no column "password"'],
    ['name,name,email\nA,A,a@b.c\n', 'The column "name" stands there twice.'],
    ['name,email\n"Ada,a@b.c\n', 'a quote is opened and not closed.'],
    ['name,email\nA"da,a@b.c\n', 'a quote stands in the middle of a cell.'],
    [`name,email\n${'A,a@b.c\n'.repeat(2001)}`, 'at most 2000 rows; this one has 2001'],
    [`name,email\n${'x'.repeat(30_000)},a@b.c\n`, 'a row is longer than 20,000 characters.'],
  ])('refuses %j', (text, reason) => {
    expect(read(text).entries).toEqual([]);
    expect(read(text).faults[0]!.reason).toContain(reason);
  });
});

describe('importing a roster', () => {
  let store: Store;
  let people: People;
  let ines: Person;
  let admin: Person;
  let cohort: string;
  const rows = (table: string): number =>
    store.database.prepare(`select count(*) from ${table}`).pluck().get() as number;

  beforeEach(() => {
    store = openStore(':memory:');
    people = new People({ store, now: () => 1000 });
    ines = people.create('test', { email: 'ines@example.org', name: 'Ines', role: 'instructor' });
    admin = people.create('test', { email: 'root@example.org', name: 'Root', role: 'administrator' });
    cohort = new Cohorts({ store, now: () => 1000 }).make(ines, { name: 'Spring' }).id;
  });

  const file = 'name,email,team\nAda,ada@example.org,Red\nBob,bob@example.org,red\nCem,cem@example.org,\n';

  it('says what it would do, and does nothing', () => {
    const before = ['users', 'learners', 'teams', 'audit', 'reset_links', 'cohort_members'].map(rows);
    const result = people.roster.import(ines, cohort, file, true);
    expect(result).toMatchObject({ imported: false, faults: [], newTeams: ['Red'] });
    expect(result.rows.map(({ does, secret }) => [does, secret])).toEqual(Array(3).fill(['new account', undefined]));
    expect(['users', 'learners', 'teams', 'audit', 'reset_links', 'cohort_members'].map(rows)).toEqual(before);
  });

  it('then does it, with a link for each', async () => {
    const result = people.roster.import(ines, cohort, file, false);
    expect(result.imported).toBe(true);
    expect(store.teams.ofCohort(cohort).map(({ name, members }) => [name, members])).toEqual([['Red', 2]]);
    const secret = await people.resets.use(result.rows[0]!.secret!, 'a few words in a row', {
      address: '',
      userAgent: '',
    });
    expect(people.sessions.use(secret)?.user.email).toBe('ada@example.org');
  });

  it('imports nothing where one row is broken', () => {
    const result = people.roster.import(ines, cohort, `${file}Dan,dan,Blue\nRoot,root@example.org,\n`, false);
    expect(result.imported).toBe(false);
    expect(result.faults.map(({ line }) => line)).toEqual([5, 6]);
    expect(result.rows.every(({ secret }) => secret === undefined)).toBe(true);
    expect([rows('users'), rows('teams'), rows('cohort_members')]).toEqual([2, 0, 0]);
  });

  it('pressed twice, makes the links anew, and the later list is the one that works', async () => {
    const first = people.roster.import(ines, cohort, file, false);
    const second = people.roster.import(ines, cohort, file, false);
    expect(second.rows.map(({ does }) => does)).toEqual(['stays', 'stays', 'stays']);
    expect(() => people.resets.find(first.rows[0]!.secret!)).toThrow('not valid');
    expect(people.resets.find(second.rows[0]!.secret!).email).toBe('ada@example.org');
  });

  it('gives an instructor no link to somebody else’s account', () => {
    const other = people.create('test', { email: 'ivan@example.org', name: 'Ivan', role: 'instructor' });
    const autumn = new Cohorts({ store, now: () => 1000 }).make(other, { name: 'Autumn' }).id;
    people.roster.import(ines, cohort, file, false);
    const taken = people.roster.import(other, autumn, 'name,email\nA,ada@example.org\n', false);
    expect(taken.rows[0]).toMatchObject({ does: 'joins', secret: undefined, name: 'Ada' });
    expect(() => people.roster.import(other, cohort, file, true)).toThrow('There is no such cohort.');
    for (const role of ['instructor', 'administrator'])
      expect(
        people.roster.import(ines, cohort, `name,email,role\nX,x@example.org,${role}\n`, true).faults[0]!.reason,
      ).toContain('an instructor imports learners');
    expect(people.roster.import(admin, cohort, 'name,email,role\nX,x@example.org,instructor\n', false).imported).toBe(
      true,
    );
    expect(people.mayInstruct({ id: store.users.byEmail('x@example.org')!.id, role: 'instructor' }, cohort)).toBe(true);
  });

  it('takes 2,000 rows', () => {
    const many = Array.from({ length: 2000 }, (_, i) => `P ${i},p${i}@example.org,T ${i % 100}`);
    const result = people.roster.import(ines, cohort, `name,email,team\n${many.join('\n')}`, false);
    expect([result.faults, result.rows.length, result.newTeams.length]).toEqual([[], 2000, 100]);
  });
});
