import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/config.ts';
import type { Prometheus, Series } from '../helpers/prometheus.ts';

/** What these tests need of a dashboard's JSON. */
export interface DashboardJson {
  readonly uid: string;
  readonly title: string;
  readonly panels: readonly PanelJson[];
  readonly templating: { readonly list: readonly VariableJson[] };
}

export interface PanelJson {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly datasource?: { readonly type: string; readonly uid: string };
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly TargetJson[];
}

export interface TargetJson {
  readonly refId: string;
  readonly expr: string;
  readonly instant?: boolean;
}

interface VariableJson {
  readonly name: string;
  readonly type: string;
  readonly query: unknown;
}

const FOLDER = join(packageRoot(), 'grafana/dashboards');

/** The dashboards that are checked in. */
export function dashboards(): DashboardJson[] {
  return readdirSync(FOLDER).map((file) => JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as DashboardJson);
}

/** A query that shows nothing, and why. */
export interface Blank {
  readonly panel: string;
  readonly expr: string;
  readonly why: string;
}

const LAST_SECONDS = 10;
/** What Grafana fills in by itself; the interval holds several scrapes of the test. */
const GRAFANA: Readonly<Record<string, string>> = {
  __rate_interval: '4s',
  __interval: '1s',
  __range: `${LAST_SECONDS}s`,
};

/** Runs every query of every panel, with each variable at all of its values; what has a series without a number is returned. */
export async function blankPanels(prometheus: Prometheus, all: readonly DashboardJson[]): Promise<Blank[]> {
  const found = await Promise.all(all.map((dashboard) => blankPanelsOf(prometheus, dashboard)));
  return found.flat();
}

async function blankPanelsOf(prometheus: Prometheus, { title, panels, templating }: DashboardJson): Promise<Blank[]> {
  const values: Record<string, string> = { ...GRAFANA };
  const blanks: Blank[] = [];
  for (const { name, type, query } of templating.list) {
    if (type !== 'query') continue;
    const text = (query as { query: string }).query;
    const why = await tried(async () => {
      values[name] = await valuesOf(prometheus, fill(text, values));
      return values[name] === '' ? 'it has no values' : null;
    });
    if (why !== null) blanks.push({ panel: `${title} / variable ${name}`, expr: text, why });
  }
  for (const panel of panels) {
    for (const target of panel.targets ?? []) {
      const why = await tried(async () => whyBlank(await run(prometheus, target, values)));
      if (why !== null) blanks.push({ panel: `${title} / ${panel.title}`, expr: target.expr, why });
    }
  }
  return blanks;
}

async function tried(check: () => Promise<string | null>): Promise<string | null> {
  try {
    return await check();
  } catch (error) {
    return (error as Error).message;
  }
}

/** As Grafana puts several values into a matcher. */
async function valuesOf(prometheus: Prometheus, query: string): Promise<string> {
  const [, selector = '', label = ''] = /^label_values\((.+), (\w+)\)$/.exec(query) ?? [];
  const values = await prometheus.labelValues(selector, label);
  return values.map((value) => value.replace(/[.*+?^${}()|[\]\\]/g, '\\\\$&')).join('|');
}

function fill(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\$(\w+)/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`there is no variable ${name}`);
    return value;
  });
}

function run(prometheus: Prometheus, target: TargetJson, values: Readonly<Record<string, string>>): Promise<Series[]> {
  const expr = fill(target.expr, values);
  return target.instant ? prometheus.instant(expr) : prometheus.range(expr, LAST_SECONDS);
}

function whyBlank(series: readonly Series[]): string | null {
  if (series.length === 0) return 'no series';
  const blank = series.filter(({ values }) => !values.some(([, value]) => Number.isFinite(Number(value))));
  return blank.length === 0 ? null : `no number in ${blank.map(({ metric }) => JSON.stringify(metric)).join(', ')}`;
}
