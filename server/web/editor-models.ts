/** What the views of the resource tree and its editors are given. */

export interface TreeModel {
  attempt: string;
  selected: string;
  groups: {
    name: string;
    open: boolean;
    count: number;
    kinds: {
      id: string;
      plural: string;
      one: string;
      creatable: boolean;
      trouble: string;
      entries: { id: string; label: string; detail: string; selected: boolean }[];
    }[];
  }[];
}

export interface FieldModel {
  id: string;
  name: string;
  label: string;
  type: string;
  value: string;
  options: { value: string; label: string; selected: boolean }[];
  required: boolean;
  help: string;
  placeholder: string;
  policy: string;
  language: string;
  rows: number;
}

export interface FormModel {
  id: string;
  url: string;
  submit: string;
  fields: FieldModel[];
  danger: boolean;
  confirm: string;
  command: string;
  /** It holds a document: history, undo and "unsaved" apply. */
  document: boolean;
  /** One line: in a table. */
  inline: boolean;
}

export interface LinkModel {
  text: string;
  mono: boolean;
  /** '' for plain text. */
  page: string;
  fragment: string;
}

export interface PanelModel {
  id: string;
  title: string;
  note: string;
  closed: boolean;
  facts: { name: string; value: LinkModel }[];
  table:
    | { columns: string[]; empty: string; rows: { cells: LinkModel[]; forms: FormModel[] }[]; hasForms: boolean }
    | undefined;
  forms: FormModel[];
  text: string;
}

export interface EditorModel {
  attempt: string;
  kind: string;
  id: string;
  title: string;
  subtitle: string;
  panels: PanelModel[];
  /** AWS CLI commands of what was just done. */
  done: string[];
  output: { title: string; text: string } | undefined;
  /** What could not be shown or done, as AWS says it. */
  fault: string;
  changesUrl: string;
  /** Nothing is chosen: the editor tells what can be done here. */
  welcome: boolean;
}
