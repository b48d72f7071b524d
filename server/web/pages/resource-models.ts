import type { EditorModel, FieldModel, FormModel, LinkModel, PanelModel, TreeModel } from '../editor-models.ts';
import { slug } from '../format.ts';
import { Aws } from '../resources/aws.ts';
import { resourceKinds } from '../resources/registry.ts';
import type { Cell, Field, Form, Panel, ResourceKind } from '../resources/types.ts';

/** Where a resource is shown: in a page, and as a fragment of it. */
export function resourceUrls(attempt: string, kind: string, id: string): { page: string; fragment: string } {
  const query = new URLSearchParams(id === '' ? { kind } : { kind, id });
  return { page: `/attempts/${attempt}?${query}`, fragment: `/attempts/${attempt}/resource?${query}` };
}

export async function treeModel(aws: Aws, attempt: string, selected: { kind: string; id: string }): Promise<TreeModel> {
  const lists = await Promise.all(
    resourceKinds.map(async (kind) => {
      try {
        return { kind, entries: await kind.list(aws), trouble: '' };
      } catch (error) {
        return { kind, entries: [], trouble: (error as Error).message };
      }
    }),
  );
  const groups: TreeModel['groups'] = [];
  for (const { kind, entries, trouble } of lists) {
    let group = groups.find(({ name }) => name === kind.group);
    if (!group) groups.push((group = { name: kind.group, open: false, count: 0, kinds: [] }));
    group.count += entries.length;
    group.open ||= entries.length > 0 && (entries.length <= 8 || selected.kind === kind.id) && !quiet.has(kind.group);
    group.open ||= selected.kind === kind.id;
    group.kinds.push({
      id: kind.id,
      plural: kind.plural,
      one: kind.one,
      creatable: kind.create !== undefined,
      trouble,
      entries: entries.map(({ id, label, detail }) => ({
        id,
        label,
        detail: detail ?? '',
        selected: selected.kind === kind.id && selected.id === id,
      })),
    });
  }
  return { attempt, selected: `${selected.kind} ${selected.id}`, groups };
}

/** Closed at first: every account has their defaults. */
const quiet = new Set(['Logs']);

export interface EditorOptions {
  attempt: string;
  kind: ResourceKind;
  id: string;
  done?: string[];
  output?: { title: string; text: string };
  aws: Aws;
}

/** A resource with its editors; an error of AWS takes their place. */
export async function editorModel({ attempt, kind, id, aws, done = [], output }: EditorOptions): Promise<EditorModel> {
  const base = { attempt, kind: kind.id, id, done, output, fault: '', welcome: false };
  const model = (panels: Panel[]): PanelModel[] =>
    panels.map((panel, index) => panelModel(attempt, kind.id, id, panel, index));
  if (id === '' && kind.create)
    return {
      ...base,
      title: `New ${kind.one}`,
      subtitle: kind.group,
      panels: model(await kind.create(aws)),
      changesUrl: '',
    };
  const { title, subtitle, panels } = await kind.show(aws, id);
  const changesUrl = `/attempts/${attempt}/diff?${new URLSearchParams({ of: id })}`;
  return { ...base, title, subtitle, panels: model(panels), changesUrl };
}

export function welcomeModel(attempt: string): EditorModel {
  return {
    attempt,
    kind: '',
    id: '',
    title: '',
    subtitle: '',
    panels: [],
    done: [],
    output: undefined,
    fault: '',
    changesUrl: '',
    welcome: true,
  };
}

export function faultyEditor(attempt: string, kind: string, id: string, fault: string): EditorModel {
  return { ...welcomeModel(attempt), kind, id, title: id || kind, fault, welcome: false };
}

function panelModel(attempt: string, kind: string, id: string, panel: Panel, index: number): PanelModel {
  const key = `${kind}-${slug(panel.title)}-${index}`;
  const form = (one: Form, place: string, inline: boolean): FormModel =>
    formModel(attempt, kind, id, one, `${key}-${place}`, inline);
  return {
    id: key,
    title: panel.title,
    note: panel.note ?? '',
    closed: panel.closed ?? false,
    facts: (panel.facts ?? []).map(({ name, value, link }) => ({
      name,
      value: linkModel(attempt, { text: value, mono: true, ...(link ? { link } : {}) }),
    })),
    table: panel.table
      ? {
          columns: panel.table.columns,
          empty: panel.table.empty,
          hasForms: panel.table.rows.some(({ forms }) => forms?.length),
          rows: panel.table.rows.map(({ cells, forms = [] }, row) => ({
            cells: cells.map((cell) => linkModel(attempt, cell)),
            forms: forms.map((one, place) => form(one, `r${row}-${place}`, true)),
          })),
        }
      : undefined,
    forms: (panel.forms ?? []).map((one, place) => form(one, `f${place}`, false)),
    text: panel.text ?? '',
  };
}

function linkModel(attempt: string, cell: Cell): LinkModel {
  const urls = cell.link ? resourceUrls(attempt, cell.link.kind, cell.link.id) : { page: '', fragment: '' };
  return { text: cell.text, mono: cell.mono ?? false, ...urls };
}

function formModel(attempt: string, kind: string, id: string, form: Form, key: string, inline: boolean): FormModel {
  const query = new URLSearchParams({ kind, ...(id === '' ? {} : { id }), action: form.action });
  return {
    id: key,
    url: `/attempts/${attempt}/resource?${query}`,
    submit: form.submit,
    fields: form.fields.map((field) => fieldModel(field, key)),
    danger: form.danger ?? false,
    confirm: form.confirm ?? '',
    command: form.command ?? '',
    document: form.fields.some(({ type }) => type === 'json' || type === 'code'),
    inline,
  };
}

function fieldModel(field: Field, key: string): FieldModel {
  const value = field.value ?? '';
  return {
    id: `${key}-${slug(field.name)}`,
    name: field.name,
    label: field.label,
    type: field.type,
    value,
    options: (field.options ?? []).map((option) => ({
      ...option,
      selected: field.type === 'many' ? value.split('\n').includes(option.value) : option.value === value,
    })),
    required: field.required ?? false,
    help: field.help ?? '',
    placeholder: field.placeholder ?? '',
    policy: field.policy ?? '',
    language: field.language ?? 'json',
    rows: field.rows ?? 3,
  };
}

export { Aws };
