import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { generated } from '../../grafana/generated.ts';
import { packageRoot } from '../../src/config.ts';
import { dashboards, type PanelJson } from './panels.ts';
import { rules } from './promtool.ts';

const FOLDER = join(packageRoot(), 'grafana');

describe('what is generated', () => {
  it('is checked in as its source says; else run npm run dashboards', () => {
    for (const [path, text] of generated()) expect(readFileSync(join(FOLDER, path), 'utf8'), path).toBe(text);
    const there = readdirSync(join(FOLDER, 'dashboards')).map((file) => `dashboards/${file}`);
    expect(there.filter((path) => !generated().has(path))).toEqual([]);
  });
});

describe.each(dashboards())('the dashboard $title', ({ panels, uid }) => {
  it('gives every panel an id and a place of its own, within the width of the page', () => {
    expect(uid).toMatch(/^corridor-[a-z]+$/);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    for (const { gridPos: at, title } of panels) {
      expect(at.w > 0 && at.h > 0 && at.x >= 0 && at.x + at.w <= 24, title).toBe(true);
    }
    const pairs = panels.flatMap((a, n) => panels.slice(n + 1).map((b): [PanelJson, PanelJson] => [a, b]));
    expect(pairs.filter(([a, b]) => overlap(a, b)).map(([a, b]) => `${a.title}, ${b.title}`)).toEqual([]);
  });

  it('explains every panel, and asks the data source that was chosen', () => {
    for (const { type, title, description, datasource, targets } of panels) {
      if (type === 'row') continue;
      expect(description, title).toMatch(/\.$/);
      expect(datasource, title).toEqual({ type: 'prometheus', uid: `\${datasource}` });
      expect(targets?.length, title).toBeGreaterThan(0);
      expect(new Set(targets?.map(({ refId }) => refId)).size, title).toBe(targets?.length);
    }
  });
});

function overlap({ gridPos: a }: PanelJson, { gridPos: b }: PanelJson): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}

it('neither dashboards nor rules ask for a profile, a score, a category or a party', () => {
  const exprs = [
    ...dashboards().flatMap(({ panels }) => panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))),
    ...rules().map(({ expr }) => expr),
  ];
  expect(exprs.length).toBeGreaterThan(80);
  expect(exprs.filter((expr) => /\b(profile|score|category|party|trader|declaration|id)\b/.test(expr))).toEqual([]);
});
