import type { Board } from '../../server/assessment/scoreboard.ts';
import { ann, onPaper, opening, team } from './kit.ts';

const labs = ['lab-a', 'lab-b', 'lab-c', 'lab-d', 'lab-e', 'lab-f'];
const gradesOfLab = 5;

/** An assessment of so many teams, six labs each, five grades a lab. */
export function bigEvent(teams: number): { board(): Board; change(): void; close(): void } {
  const paper = onPaper();
  const { id } = paper.published({ party: 'team', labs: labs.map((lab) => ({ lab, weight: 1 })) });
  paper.now.at = opening;
  const entries: string[] = [];
  paper.store.database.transaction(() => {
    for (let n = 0; n < teams; n++) {
      const member = `m${n}`;
      paper.store.ensureLearner(member, member, 1);
      paper.store.database
        .prepare("insert into users (id, email, name, role, created_at) values (?, ?, ?, 'learner', 1)")
        .run(member, `${member}@x`, member);
      paper.store.database
        .prepare("insert into cohort_members (cohort, user, joined_at) values ('c1', ?, 1)")
        .run(member);
      team(paper.store, `t${n}`, `Team ${n}`, [member]);
      const entry = paper.assessments.sittings.begin({ id: member, role: 'learner' }, id, true);
      entries.push(entry.id);
      for (const lab of labs)
        for (let grade = 0; grade < gradesOfLab; grade++)
          paper.grade(entry.id, lab, (n * 7 + grade * 13) % 101, { at: opening + grade });
    }
  })();
  let changes = 0;
  return {
    board: () => paper.assessments.scoreboard.board(ann, id, 'live'),
    /** One more lab is solved, and a second goes by. */
    change() {
      paper.now.at += 1000;
      paper.grade(entries[changes++ % entries.length]!, labs[0]!, 100);
    },
    close: () => paper.store.close(),
  };
}
