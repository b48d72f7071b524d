import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../server/paths.ts';
import type { Endpoint } from './endpoints.ts';

/** One question as one endpoint answered it. */
export interface Asked {
  id: string;
  text: string;
  /** What AWS answers, by the page at `url`. */
  expected: unknown;
  url: string;
  answer: unknown;
}

interface Peer {
  endpoint: Endpoint;
  asked: Asked[];
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
const cell = (value: unknown): string =>
  (typeof value === 'string' ? value : JSON.stringify(value ?? null))
    .replaceAll('|', '\\|')
    .replaceAll('\n', ' ')
    .slice(0, 90);

/** Writes docs/peers.md and docs/peers.json. */
export function writePeersPage(peers: readonly Peer[]): void {
  const questions = peers[0]!.asked;
  const right = ({ asked }: Peer): number => asked.filter(({ answer, expected }) => same(answer, expected)).length;
  const names = peers.map(({ endpoint }) => `${endpoint.name} ${endpoint.version}`.trim());
  const rows = questions.flatMap((question, at) => {
    const answers = peers.map(({ asked }) => asked[at]!.answer);
    if (answers.every((answer) => same(answer, question.expected))) return [];
    const told = answers.map((answer) => (same(answer, question.expected) ? '✓' : cell(answer)));
    return [
      `| ${question.id.split('.')[0]!.replace('_', '')} | ${question.text} | [${cell(question.expected)}](${question.url}) | ${told.join(' | ')} |`,
    ];
  });
  const page = [
    '# Peers',
    '',
    `Written by \`npm run peers\`: ${questions.length} small questions, asked with boto3 of this server (an account of a lab, as its`,
    'administrator, signatures and policies on as ever) and of two emulators as they come. What AWS answers is what the linked page of',
    'its documentation says. Questions that all answer as AWS does are in `peers.json` only.',
    '',
    `| | ${names.join(' | ')} |`,
    `|---|${'---|'.repeat(peers.length)}`,
    `| as AWS answers | ${peers.map((peer) => `${right(peer)} of ${questions.length}`).join(' | ')} |`,
    '',
    '## Where they differ',
    '',
    `| service | question | AWS | ${peers.map(({ endpoint }) => endpoint.name).join(' | ')} |`,
    `|---|---|---|${'---|'.repeat(peers.length)}`,
    ...rows,
    '',
  ];
  const data = questions.map(({ answer: _answer, ...question }, at) => ({
    ...question,
    answers: Object.fromEntries(peers.map(({ endpoint, asked }) => [endpoint.name, asked[at]!.answer ?? null])),
  }));
  writeFileSync(join(projectRoot, 'docs/peers.md'), page.join('\n'));
  writeFileSync(
    join(projectRoot, 'docs/peers.json'),
    `${JSON.stringify({ peers: names, questions: data }, null, 1)}\n`,
  );
  process.stderr.write(
    `${names.map((name, at) => `${name}: ${right(peers[at]!)}`).join(', ')} of ${questions.length}\n`,
  );
}
