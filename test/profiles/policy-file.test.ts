import { describe, expect, it } from 'vitest';
import { plannedShares, readExceptions, readPolicyFile } from '../../src/profiles/policy-file.ts';
import type { PolicyProblem } from '../../src/profiles/problems.ts';

const LANE = `    - corridor: yellow
      measures: [{ code: documentary_check, instructions: Check. }]
      percent: { low: 0.1, medium: 0.5, high: 2 }
`;
const GOOD = `label: kz
random:
  lanes:
${LANE}  offices:
    "55301": []
`;

function policy(text: string) {
  const problems: PolicyProblem[] = [];
  const settings = readPolicyFile('policy.yaml', text, problems);
  return { settings, problems: problems.map(({ line, column, message }) => `${line}:${column} ${message}`) };
}

describe('policy.yaml', () => {
  it('gives the label and the lanes of random selection, by default and per office', () => {
    expect(policy(GOOD)).toEqual({
      problems: [],
      settings: {
        label: 'kz',
        random: {
          lanes: [
            {
              corridor: 'yellow',
              measures: [{ code: 'documentary_check', instructions: 'Check.' }],
              percent: { low: 0.1, medium: 0.5, high: 2 },
            },
          ],
          offices: { '55301': [] },
        },
        shares: null,
      },
    });
  });

  it.each([
    ['label: kz', 'label: "k z"', '1:8 label must be at most 40 letters, digits, . _ or -, not "k z"'],
    ['corridor: yellow', 'corridor: green', '4:17 corridor must be one of blue, yellow, red, not "green"'],
    ['high: 2', 'high: 200', '6:47 high must be a number from 0 to 100, not 200'],
    ['low: 0.1, ', '', '6:16 percent needs the setting low'],
    ['random:', 'randm:', '1:1 the policy needs the setting random'],
  ])('with %s → %s says so with line and column', (from, to, problem) => {
    expect(GOOD).toContain(from);
    expect(policy(GOOD.replace(from, to)).problems).toContain(problem);
  });

  it('gives the shares that the corridors are planned for, where it says them', () => {
    const planned = 'shares: { green: 77.3, blue: 2.7, yellow: 16.4, red: 3.6 }\n';
    expect(policy(GOOD + planned)).toMatchObject({
      problems: [],
      settings: { shares: { green: 77.3, blue: 2.7, yellow: 16.4, red: 3.6 } },
    });
    expect(plannedShares({ files: { 'policy.yaml': GOOD + planned } })?.yellow).toBe(16.4);
    expect(plannedShares({ files: { 'policy.yaml': GOOD } })).toBeNull();
    const { problems } = policy(GOOD + planned.replace('3.6', '13.6'));
    expect(problems).toEqual(['9:9 shares must be 100 together, not 110']);
    expect(policy(GOOD + planned.replace(', red: 3.6', '')).problems).toContain('9:9 shares needs the setting red');
  });

  it('refuses lanes that select more than everything', () => {
    const { problems } = policy(
      GOOD.replace(LANE, LANE.replace('high: 2', 'high: 60') + LANE.replace('high: 2', 'high: 41')),
    );
    expect(problems).toEqual(["4:5 the lanes' percent of high must not exceed 100 together"]);
  });
});

const HEADER = 'id,kind,parties,hsPrefixes,offices,profiles,corridor,reason,validFrom,validUntil';
const PROFILES = new Set(['UV-001', 'UV-002']);

function exceptions(...lines: string[]) {
  const problems: PolicyProblem[] = [];
  const entries = readExceptions('lists/exceptions.csv', lines.join('\n'), PROFILES, problems);
  return { entries, problems: problems.map(({ line, message }) => `${line}: ${message}`) };
}

describe('the list of exceptions', () => {
  it('gives exemptions and forced controls', () => {
    const { entries, problems } = exceptions(
      '# approved by the head of the department',
      HEADER,
      'E-1,exempt,123 456,6403 6404,55301,UV-001 anti_dumping,,Ruling 7,2025-01-01,2026-01-01',
      'E-2,force,,9303,,,red,"Order 8, of the office",,2026-06-01',
    );
    expect(problems).toEqual([]);
    expect(entries).toEqual([
      {
        id: 'E-1',
        kind: 'exempt',
        parties: ['123', '456'],
        hsPrefixes: ['6403', '6404'],
        offices: ['55301'],
        profiles: ['UV-001', 'anti_dumping'],
        corridor: null,
        reason: 'Ruling 7',
        validFrom: Date.UTC(2025, 0, 1),
        validUntil: Date.UTC(2026, 0, 1),
      },
      {
        id: 'E-2',
        kind: 'force',
        parties: [],
        hsPrefixes: ['9303'],
        offices: [],
        profiles: [],
        corridor: 'red',
        reason: 'Order 8, of the office',
        validFrom: 0,
        validUntil: Date.UTC(2026, 5, 1),
      },
    ]);
  });

  it.each([
    ['E,exempt,1,,,UV-001,,Why,,', 'validUntil is required: no exception without expiry'],
    ['E,exempt,1,,,UV-01,,Why,,2027-01-01', 'UV-01 is neither a profile nor a target (did you mean UV-001?)'],
    ['E,exempt,1,,,,,Why,,2027-01-01', 'profiles must name ids or targets that an exemption skips'],
    ['E,exempt,1,,,UV-001,red,Why,,2027-01-01', 'corridor must be empty for an exemption'],
    ['E,exempt,,,,UV-001,,Why,,2027-01-01', 'parties or hsPrefixes must name whom or what it is for'],
    ['E,force,1,,,,green,Why,,2027-01-01', 'corridor must be one of blue, yellow, red, not "green"'],
    ['E,force,1,64a,,,red,Why,,2027-01-01', '"64a" is no HS prefix of 2 to 10 digits'],
    ['E,force,1,,,,red,,,2027-01-01', 'reason must not be empty'],
    ['E,force,1,,,,red,Why,2028-01-01,2027-01-01', 'validUntil must be after validFrom'],
    ['E,force,1,,,,red,Why,,2027-13-01', 'validUntil must be a date like 2026-01-31, not "2027-13-01"'],
    ['E,allow,1,,,,red,Why,,2027-01-01', 'kind must be exempt or force, not "allow"'],
    ['E,force,1', '10 cells were expected, not 3'],
  ])('refuses %s', (line, problem) => {
    const { entries, problems } = exceptions(HEADER, line);
    expect(entries).toEqual([]);
    expect(problems).toEqual([`2: ${problem}`]);
  });

  it('refuses an id twice and a header it does not know', () => {
    const line = 'E,force,1,,,,red,Why,,2027-01-01';
    expect(exceptions(HEADER, line, line).problems).toEqual(['3: id E stands on line 2 already']);
    expect(exceptions(HEADER.replace('reason', 'reasn')).problems).toEqual([
      '1: the column reason is missing',
      '1: no column reasn is known (did you mean reason?)',
    ]);
  });
});
