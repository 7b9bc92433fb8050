import { DASHBOARDS } from './dashboards.ts';
import { dashboardOf } from './panels.ts';
import { objectiveRules } from './rules.ts';

/** Path under grafana/ → its text. What is checked in must be the same. */
export function generated(): ReadonlyMap<string, string> {
  const dashboards = Object.entries(DASHBOARDS).map(([name, spec]): [string, string] => [
    `dashboards/${name}.json`,
    `${JSON.stringify(dashboardOf(spec), null, 2)}\n`,
  ]);
  return new Map([...dashboards, ['prometheus/objectives.yaml', objectiveRules()]]);
}
