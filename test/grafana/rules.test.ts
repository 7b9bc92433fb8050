import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { BURN_WINDOWS, budgetOf, OBJECTIVES } from '../../grafana/objectives.ts';
import { packageRoot } from '../../src/config.ts';
import { ERRORS } from '../../src/errors.ts';
import { temporaryFolder } from '../helpers/folder.ts';
import { PROMETHEUS_MISSING } from '../helpers/prometheus.ts';
import { allGroups, burnGroups, CASES, caseGroups } from './alert-cases.ts';
import { alertRules, promtool, RULE_FILES, rules, type TestGroup, untested } from './promtool.ts';

async function verdict(groups: readonly TestGroup[], every = '1m'): Promise<{ ok: boolean; text: string }> {
  const file = join(await temporaryFolder(), 'tests.yaml');
  await writeFile(file, stringify({ rule_files: RULE_FILES, evaluation_interval: every, tests: groups }));
  return promtool('test', 'rules', file);
}

describe.skipIf(PROMETHEUS_MISSING !== null)(`the rules, by promtool${PROMETHEUS_MISSING ?? ''}`, () => {
  it('are valid', () => {
    const { ok, text } = promtool('check', 'rules', ...RULE_FILES);
    expect(ok, text).toBe(true);
  });

  it('fire and keep silent where they should', async () => {
    const { ok, text } = await verdict(caseGroups());
    expect(ok, text).toBe(true);
  });

  it('burn rates fire by both windows, for every objective', async () => {
    const { ok, text } = await verdict(burnGroups(), '5m');
    expect(ok, text).toBe(true);
  });

  it('tests that expect the wrong thing fail', async () => {
    const [fires, silent] = caseGroups() as [TestGroup, TestGroup];
    const [test] = silent.alert_rule_test as [TestGroup['alert_rule_test'][number]];
    const wrong = { ...fires, alert_rule_test: [{ ...test, exp_alerts: [] }] };
    expect((await verdict([wrong])).ok).toBe(false);
  });
});

describe('every alert', () => {
  it('has a test in which it fires and one in which it does not', () => {
    expect(untested(alertRules(), allGroups())).toEqual({ firing: [], silent: [] });
    expect(Object.keys(CASES).filter((name) => !alertRules().some(({ alert }) => alert === name))).toEqual([]);
  });

  it('would be missed without either', () => {
    const [fires, silent] = caseGroups() as [TestGroup, TestGroup];
    const alerts = [{ alert: 'CorridorDown' }];
    expect(untested(alerts, [fires])).toEqual({ firing: [], silent: ['CorridorDown'] });
    expect(untested(alerts, [silent])).toEqual({ firing: ['CorridorDown'], silent: [] });
  });

  it('has a name of its own, a severity, a summary, a description, and a section of the guide', () => {
    const guide = readFileSync(join(packageRoot(), 'docs/operations.md'), 'utf8');
    const anchors = new Set([...guide.matchAll(/^#+ (.+)$/gm)].map((found) => anchorOf(found[1] ?? '')));
    const names = alertRules().map(({ alert }) => alert);
    expect(new Set(names).size).toBe(names.length);
    for (const { alert, labels, annotations } of alertRules()) {
      expect(labels?.severity, alert).toMatch(/^(page|ticket)$/);
      expect(annotations?.summary, alert).toMatch(/\w/);
      expect(annotations?.description, alert).toMatch(/\w/);
      const [file, anchor] = (annotations?.runbook_url ?? '').split('#');
      expect(file, alert).toBe('docs/operations.md');
      expect(anchors, alert).toContain(anchor);
    }
  });
});

/** As GitHub and Grafana make them of headings. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');
}

describe('the objectives', () => {
  it('can be missed: every burn rate is less than everything', () => {
    for (const objective of OBJECTIVES) {
      for (const { factor } of BURN_WINDOWS) expect(factor * budgetOf(objective), objective.key).toBeLessThan(1);
    }
  });

  it('count every error of ours, and none of the client', () => {
    const ours = Object.entries(ERRORS).filter(([, { status }]) => status >= 500);
    const codes = ours.map(([code]) => code).sort();
    const { expr } = rules().find(({ labels }) => labels?.objective === 'available') ?? { expr: '' };
    expect(/code=~"([a-z_|]+)"/.exec(expr)?.[1]?.split('|')).toEqual(codes);
  });
});
