import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { packageRoot } from '../../src/config.ts';

export interface Rule {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface AlertRule extends Rule {
  readonly alert: string;
}

const FOLDER = join(packageRoot(), 'grafana/prometheus');

/** Absolute paths of every rules file. */
export const RULE_FILES: readonly string[] = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.yaml') && !file.startsWith('prometheus'))
  .map((file) => join(FOLDER, file));

export function rules(): Rule[] {
  return RULE_FILES.flatMap((file) => {
    const { groups } = parse(readFileSync(file, 'utf8')) as { groups: { rules: Rule[] }[] };
    return groups.flatMap((group) => group.rules);
  });
}

export function alertRules(): AlertRule[] {
  return rules().filter((rule): rule is AlertRule => rule.alert !== undefined);
}

/** What promtool prints, and whether it is content. */
export function promtool(...args: string[]): { ok: boolean; text: string } {
  const { status, stdout, stderr } = spawnSync('promtool', args, { encoding: 'utf8' });
  return { ok: status === 0, text: `${stdout}${stderr}` };
}

/** One entry of `alert_rule_test` in a test file of promtool. */
export interface AlertTest {
  readonly eval_time: string;
  readonly alertname: string;
  readonly exp_alerts: readonly { readonly exp_labels: object; readonly exp_annotations: object }[];
}

export interface TestGroup {
  readonly name: string;
  readonly interval: string;
  readonly input_series: readonly { readonly series: string; readonly values: string }[];
  readonly alert_rule_test: readonly AlertTest[];
}

/** Alerts that no test expects to fire, and alerts that no test expects to keep silent. */
export function untested(
  alerts: readonly Pick<AlertRule, 'alert'>[],
  groups: readonly TestGroup[],
): { readonly firing: string[]; readonly silent: string[] } {
  const tests = groups.flatMap(({ alert_rule_test }) => alert_rule_test);
  const named = (fires: boolean) =>
    new Set(tests.filter(({ exp_alerts }) => exp_alerts.length > 0 === fires).map(({ alertname }) => alertname));
  const without = (covered: ReadonlySet<string>) =>
    alerts.map(({ alert }) => alert).filter((alert) => !covered.has(alert));
  return { firing: without(named(true)), silent: without(named(false)) };
}

/** An alert as promtool expects it: the rule's labels beside these, its annotations with the labels filled in. */
export function expected(alert: string, labels: Readonly<Record<string, string>>): AlertTest['exp_alerts'][number] {
  const rule = alertRules().find((one) => one.alert === alert);
  if (rule === undefined) throw new Error(`there is no alert ${alert}`);
  const fill = (text: string): string => text.replace(/\{\{ \$labels\.(\w+) \}\}/g, (_, name) => labels[name] ?? '');
  const annotations = Object.entries(rule.annotations ?? {}).map(([name, text]) => [name, fill(text)]);
  return { exp_labels: { ...labels, ...rule.labels }, exp_annotations: Object.fromEntries(annotations) };
}
