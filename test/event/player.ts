import type { Submission } from '../../server/catalogue/definition.ts';
import type { Random } from '../../server/cloud/random.ts';
import { applyOverTheWire } from './over-the-wire.ts';
import type { Person } from './people.ts';
import { Lost, type Place } from './place.ts';

/** What the server has acknowledged, and must therefore remember. */
export interface Acknowledged {
  grades: { id: string; attempt: string; points: number; by: string }[];
  hints: { attempt: string; number: number }[];
}

export interface Team {
  members: Person[];
  random: Random;
}

const below = (random: Random, limit: number): number => random.bytes(1)[0]! % limit;

/** One team in an assessment: opens its labs, grades them as they are, misses, fixes; some leave in the middle. */
export class Player {
  readonly acknowledged: Acknowledged = { grades: [], hints: [] };
  private readonly place: Place;
  private readonly assessment: string;
  private readonly team: Team;
  private readonly submissions: ReadonlyMap<string, Submission[]>;
  private readonly done: () => void;

  constructor(
    place: Place,
    assessment: string,
    team: Team,
    submissions: ReadonlyMap<string, Submission[]>,
    done: () => void,
  ) {
    this.place = place;
    this.assessment = assessment;
    this.team = team;
    this.submissions = submissions;
    this.done = done;
  }

  async play(): Promise<void> {
    const begun = await Promise.all(
      // Everybody accepts the honour statement for themselves; the first of them begins.
      this.team.members.map((member) => this.insist(member, 'POST', this.path('/entry'), { accept: true })),
    );
    if (new Set(begun.map(({ body }) => body.entry)).size !== 1) throw new Error('one team began twice');
    for (const { lab } of begun[0]!.body.labs as { lab: string }[]) await this.solve(lab);
  }

  private async solve(lab: string): Promise<void> {
    const open = await Promise.all(
      [0, 1].map((n) => this.insist(this.team.members[n]!, 'POST', this.path('/attempts'), { lab })),
    );
    const attempt = open[0]!.body.id as string;
    if (open[1]!.body.id !== attempt) throw new Error('one team got two attempts at a lab');
    const known = this.submissions.get(lab)!;
    const nearMisses = known.filter(({ fails }) => fails.length > 0);
    await this.grade(attempt, undefined);
    if (below(this.team.random, 3) === 0) await this.hint(attempt);
    const near = nearMisses[below(this.team.random, nearMisses.length)]!;
    await this.submit(lab, attempt, near);
    await this.grade(attempt, near.fails, below(this.team.random, 2) === 0);
    // Some give up the lab here.
    if (below(this.team.random, 10) < 7) {
      await this.submit(lab, attempt, known.find(({ fails }) => fails.length === 0)!);
      await this.grade(attempt, []);
    }
  }

  /** Grades until there is one that was acknowledged. @param fails what must fail; undefined where that is another test's */
  private async grade(attempt: string, fails: string[] | undefined, twice = false): Promise<void> {
    const member = this.someone();
    if (below(this.team.random, 4) === 0) await this.askAndLeave(member, attempt);
    const asked = [member, ...(twice ? [this.someone()] : [])];
    const answers = await Promise.all(
      asked.map((each) => this.insist(each, 'POST', `/attempts/${attempt}/grades`, undefined, [201, 409])),
    );
    for (const [n, { status, body }] of answers.entries()) {
      if (status !== 201) continue;
      this.acknowledged.grades.push({ id: body.id, attempt, points: body.points, by: asked[n]!.id });
      if (fails === undefined) continue;
      const failed = (body.checks as { id: string; status: string }[])
        .filter(({ status: of }) => of !== 'passed')
        .map(({ id }) => id);
      if (failed.sort().join() !== [...fails].sort().join() || body.verdict === 'void')
        throw new Error(`${attempt}: ${body.verdict}, fails ${failed.join()} instead of ${fails.join()}`);
    }
    // Who left may still be graded: then it was that one's turn.
    if (!answers.some(({ status }) => status === 201)) await this.grade(attempt, fails);
    this.done();
  }

  /** A connection that breaks while a grade runs. */
  private async askAndLeave(member: Person, attempt: string): Promise<void> {
    const leave = new AbortController();
    const asked = this.place.api(member, 'POST', `/attempts/${attempt}/grades`, undefined, leave.signal);
    setImmediate(() => leave.abort());
    await asked.catch((error: unknown) => {
      if (!(error instanceof Lost)) throw error;
    });
  }

  private async hint(attempt: string): Promise<void> {
    const { body } = await this.insist(this.someone(), 'POST', `/attempts/${attempt}/hints`, undefined, [201]);
    this.acknowledged.hints.push({ attempt, number: body.number });
    this.done();
  }

  /** Puts the account back and makes a fix over the wire, as often as the server is lost in the middle. */
  private async submit(lab: string, attempt: string, submission: Submission): Promise<void> {
    const member = this.someone();
    for (let again = 0; ; again++) {
      await this.insist(member, 'POST', `/attempts/${attempt}/reset`, undefined, [200]);
      const { body } = await this.insist(member, 'GET', `/attempts/${attempt}/environment`);
      try {
        await applyOverTheWire(await this.place.awsUrl(), body, lab, submission);
        this.done();
        return;
      } catch (error) {
        // Only a server that is gone is a reason to begin anew.
        if (again > 5 || (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode) throw error;
      }
    }
  }

  /** A call until it is answered with one of these statuses; a busy attempt and a lost server are asked again. */
  private async insist(
    member: Person,
    method: string,
    path: string,
    body?: object,
    wanted: number[] = [200, 201],
  ): ReturnType<Place['api']> {
    for (let again = 0; again < 5000; again++) {
      const answer = await this.place.api(member, method, path, body).catch((error: unknown) => {
        if (error instanceof Lost) return undefined;
        throw error;
      });
      if (!answer) continue;
      if (wanted.includes(answer.status)) return answer;
      if (answer.status === 409 && /Try again in a moment/.test(answer.body.error.message)) continue;
      throw new Error(`${method} ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    }
    throw new Error(`${method} ${path} was never answered`);
  }

  private someone(): Person {
    return this.team.members[below(this.team.random, this.team.members.length)]!;
  }

  private path(rest: string): string {
    return `/assessments/${this.assessment}${rest}`;
  }
}
