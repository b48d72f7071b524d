/** What a person can do with an attempt. */
export type Deed = 'work' | 'attack' | 'grade' | 'hint' | 'give-up' | 'reset' | 'end' | 'export' | 'import';

/** The rules that an attempt is worked by where it is not self-paced. */
export interface AttemptRules {
  /** @throws LearnerError that says why it may not be done now */
  demand(deed: Deed, person: string): void;
  /** What is never done, so that nothing offers it. */
  never(): readonly Deed[];
  /** Points that a hint costs, in place of the lab's own price. */
  hintCost(number: number, labsPrice: number): number;
  /** May the solution be read: not, once the lab is solved, or anyhow? */
  showsSolution(): 'no' | 'when-solved' | 'yes';
  /** What a check says is told with its sentence and evidence; else its state alone. */
  showsMessages(): boolean;
  /** Points and verdicts are told. */
  showsScores(): boolean;
  /** Why the account may not be used from outside now. @param person undefined: a user or role of the account itself */
  refuses(person: string | undefined): string | undefined;
  /** Told when a grade is stored. */
  graded(): void;
}
