import { LearnerError } from '../training/errors.ts';

/** The later of two edits of one thing: told what is stored by now, with its own text beside it. */
export class EditConflict<T extends object> extends LearnerError {
  /** What the refused edit said. */
  readonly own: T;
  /** What is stored. */
  readonly stored: T & { version: number };

  constructor(own: T, stored: T & { version: number }) {
    super(
      409,
      `Somebody else changed this meanwhile. Yours: ${told(own)}. Stored (version ${stored.version}): ${told(stored)}. Send yours again with this version to put it in place of the other.`,
    );
    this.name = 'EditConflict';
    this.own = own;
    this.stored = stored;
  }
}

function told(of: object): string {
  return Object.entries(of)
    .filter(([name]) => name !== 'version')
    .map(([name, value]) => `${name} ${JSON.stringify(value)}`)
    .join(', ');
}
