import type { PolicyKind } from '../../cloud/policy/types.ts';
import type { Aws } from './aws.ts';
import type { Values } from './values.ts';

/** One field of a form. Everything is text on its way; `Values` reads it. */
export interface Field {
  name: string;
  label: string;
  type: 'text' | 'number' | 'select' | 'checkbox' | 'many' | 'lines' | 'json' | 'code' | 'hidden';
  value?: string;
  /** For `select` and `many`; the chosen ones of `many` are the lines of `value`. */
  options?: { value: string; label: string }[];
  required?: boolean;
  /** One line below the field. */
  help?: string;
  placeholder?: string;
  /** For `json`: what kind of policy it is, so that problems are shown where they are. */
  policy?: PolicyKind;
  /** For `code`: the language. */
  language?: 'javascript' | 'json' | 'text';
  rows?: number;
}

/** Fields and the action that they go to. */
export interface Form {
  action: string;
  /** The button: "Apply", "Attach", "Delete role". */
  submit: string;
  fields: Field[];
  /** Removes something: shown in the colour of verdicts that fail. */
  danger?: boolean;
  /** Asked before it is sent. */
  confirm?: string;
  /** The equivalent AWS CLI command, with a file in place of a long document. */
  command?: string;
}

/** Another resource that a cell or fact leads to. */
export interface Link {
  kind: string;
  id: string;
}

export interface Cell {
  text: string;
  link?: Link;
  mono?: boolean;
}

/** A section of the editor: any of facts, a table, forms and a text, in that order. */
export interface Panel {
  title: string;
  note?: string;
  facts?: { name: string; value: string; link?: Link }[];
  table?: { columns: string[]; rows: { cells: Cell[]; forms?: Form[] }[]; empty: string };
  forms?: Form[];
  text?: string;
  /** Closed at first: what is seldom needed. */
  closed?: boolean;
}

export interface Entry {
  id: string;
  label: string;
  /** A word beside the name: a state, a size. */
  detail?: string;
}

export interface Shown {
  title: string;
  /** `IAM role` */
  subtitle: string;
  panels: Panel[];
}

/** What an action leaves behind. */
export interface Done {
  /** Show this resource next. */
  open?: Link;
  /** The resource is gone. */
  gone?: boolean;
  /** An answer to show: a received message, an object's text, a secret's value. */
  output?: { title: string; text: string };
}

export type Action = (aws: Aws, id: string, values: Values) => Promise<Done | undefined>;

/** A kind of resource: how it is listed, shown, made, changed and removed, all by AWS operations. */
export interface ResourceKind {
  id: string;
  /** As the AWS console groups services: `IAM`, `Lambda`, `S3`, `VPC`. */
  group: string;
  /** `Roles` */
  plural: string;
  /** `role` */
  one: string;
  list(aws: Aws): Promise<Entry[]>;
  show(aws: Aws, id: string): Promise<Shown>;
  /** The forms that make one; their actions are called with an empty id. */
  create?(aws: Aws): Promise<Panel[]>;
  actions: Record<string, Action>;
}
