/** What a learner did wrong or cannot do; shown as it is, with this HTTP status. */
export class LearnerError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'LearnerError';
    this.status = status;
  }
}
