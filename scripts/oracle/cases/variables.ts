import { ask, DOCS, doc, type OracleCase } from '../case.ts';
import type { Random } from '../random.ts';

const CONTEXT: Record<string, string> = {
  'aws:username': 'ada',
  'aws:PrincipalTag/team': 'red',
  'aws:PrincipalTag/star': 'r*d',
  'aws:PrincipalTag/mark': '?ed',
};

const RESOURCES = [
  'home/${aws:username}/*',
  'home/${AWS:UserName}/note',
  '${aws:PrincipalTag/team}/*',
  "${aws:PrincipalTag/none, 'red'}/*",
  "${aws:PrincipalTag/team, 'blue'}/*",
  '${aws:PrincipalTag/star}/x',
  '${aws:PrincipalTag/mark}/x',
  '${aws:PrincipalTag/none}/*',
  '${aws:username}-${aws:PrincipalTag/team}',
  'a${*}b',
  'home/${aws:username',
];

const OBJECTS = [
  'home/ada/note',
  'home/eve/note',
  'red/x',
  'blue/x',
  'rad/x',
  'r*d/x',
  '?ed/x',
  'ada-red',
  'a*b',
  'acb',
  'a?b',
  'a$b',
  'home/${aws:username',
];

/** Policy variables in Resource and in conditions, with defaults and escapes. */
export function variableCases(random: Random): OracleCase[] {
  const cases: OracleCase[] = [];
  for (const pattern of RESOURCES) {
    for (const object of random.some(OBJECTS, 7)) {
      const document = doc({ Effect: 'Allow', Action: 's3:GetObject', Resource: `arn:aws:s3:::b/${pattern}` });
      cases.push({
        name: `Resource ${pattern} for ${object}`,
        request: ask({
          resource: `arn:aws:s3:::b/${object}`,
          context: CONTEXT,
          policies: { identity: [{ name: 'identity policy', document }] },
        }),
        unchecked: true,
      });
    }
  }
  return [...cases, ...inConditions(random)];
}

function inConditions(random: Random): OracleCase[] {
  const cases: OracleCase[] = [];
  const operators = ['StringEquals', 'StringNotEquals', 'StringLike', 'StringNotLike', 'StringEqualsIgnoreCase'];
  const values = [
    '${aws:username}',
    '${aws:PrincipalTag/none}',
    "${aws:PrincipalTag/none, 'ada'}",
    '${aws:PrincipalTag/team}',
    'x-${aws:username}',
  ];
  for (const operator of operators) {
    for (const value of values) {
      for (const owner of ['ada', 'ADA', 'red', 'x-ada', '${aws:username}']) {
        const condition = { [operator]: { 'aws:ResourceTag/owner': random.chance(0.3) ? [value, 'nobody'] : value } };
        const document = doc({ Effect: 'Allow', Action: 's3:GetObject', Resource: '*', Condition: condition });
        const unresolved = value === '${aws:PrincipalTag/none}';
        cases.push({
          name: `${operator} ${value} against ${owner}`,
          request: ask({
            context: { ...CONTEXT, 'aws:ResourceTag/owner': owner },
            policies: { identity: [{ name: 'identity policy', document }] },
          }),
          unchecked: true,
          // "Inverted condition operators … do match against a null value."
          ...(unresolved && operator.includes('Not')
            ? { ruling: { expected: 'allowed' as const, source: DOCS.noValue } }
            : {}),
        });
      }
    }
  }
  return cases;
}
