import type { AttackMap } from '../../catalogue/definition.ts';
import type { CheckRow, MapModel } from '../view-models.ts';

const width = 360;
const rowHeight = 104;
const boxHeight = 44;
const gap = 12;

/** The attack map as places on a drawing: entries on top, impact at the bottom; an edge is cut when a check that cuts it passes. */
export function mapModel(map: AttackMap, rows: CheckRow[]): MapModel {
  const passed = new Set(rows.filter(({ status }) => status === 'passed').map(({ id }) => id));
  const titles = new Map(rows.map(({ id, title }) => [id, title]));
  const depth = depths(map);
  const levels: string[][] = [];
  for (const { id } of map.nodes) (levels[depth.get(id)!] ??= []).push(id);
  const nodes = map.nodes.map((node) => {
    const level = levels[depth.get(node.id)!]!;
    const boxWidth = Math.min(220, (width - gap * (level.length + 1)) / level.length);
    const left = (width - level.length * boxWidth - (level.length - 1) * gap) / 2;
    const x = left + level.indexOf(node.id) * (boxWidth + gap);
    return {
      ...node,
      lines: wrap(node.label, Math.floor(boxWidth / 6.6)),
      x,
      y: 8 + depth.get(node.id)! * rowHeight,
      width: boxWidth,
      height: boxHeight,
    };
  });
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const edges = map.edges.flatMap((edge) => {
    const from = byId.get(edge.from);
    const to = byId.get(edge.to);
    if (!from || !to) return [];
    const x1 = from.x + from.width / 2;
    const y1 = from.y + from.height;
    const x2 = to.x + to.width / 2;
    const y2 = to.y;
    const middle = (y1 + y2) / 2;
    const by = edge.cutBy.filter((id) => passed.has(id)).map((id) => titles.get(id) ?? id);
    return [
      {
        call: edge.call,
        path: `M${x1} ${y1} C${x1} ${middle} ${x2} ${middle} ${x2} ${y2 - 6}`,
        labelX: (x1 + x2) / 2,
        labelY: middle,
        cut: by.length > 0,
        from: from.label,
        to: to.label,
        by,
        checks: edge.cutBy.map((id) => titles.get(id) ?? id).join('; '),
      },
    ];
  });
  return { width, height: 16 + levels.length * rowHeight - (rowHeight - boxHeight), nodes, edges };
}

/** Longest way from an entry; a cycle does not go on for ever. */
function depths(map: AttackMap): Map<string, number> {
  const depth = new Map(map.nodes.map(({ id }) => [id, 0]));
  for (let round = 0; round < map.nodes.length; round++)
    for (const { from, to } of map.edges) {
      const next = Math.min(map.nodes.length - 1, (depth.get(from) ?? 0) + 1);
      if (next > (depth.get(to) ?? 0)) depth.set(to, next);
    }
  const used = [...new Set(depth.values())].sort((a, b) => a - b);
  return new Map([...depth].map(([id, level]) => [id, used.indexOf(level)]));
}

function wrap(text: string, most: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < most) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.length <= 2
    ? lines
    : [
        lines[0]!,
        `${lines
          .slice(1)
          .join(' ')
          .slice(0, most - 1)}…`,
      ];
}
