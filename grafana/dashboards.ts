import type { DashboardSpec } from './panels.ts';
import { declarationRows } from './rows/declarations.ts';
import { objectiveRows } from './rows/objectives.ts';
import { resourceRows } from './rows/resources.ts';

const JOB = { metric: 'corridor_ready', label: 'job' };
const INSTANCE = { metric: 'corridor_ready{job=~"$job"}', label: 'instance' };
const OFFICE = { metric: 'corridor_decisions_total{job=~"$job"}', label: 'office' };

/** Name of the file, without `.json` → dashboard. Labels are offices, corridors, targets and stages at most. */
export const DASHBOARDS: Readonly<Record<string, DashboardSpec>> = {
  objectives: {
    uid: 'corridor-objectives',
    title: 'Corridor: objectives',
    description: 'Are declarations decided fast enough, and answered at all? Begin here when an alert wakes you.',
    variables: { job: JOB },
    rows: objectiveRows(),
  },
  declarations: {
    uid: 'corridor-declarations',
    title: 'Corridor: declarations',
    description: 'Rate, errors and duration of every stage, and which corridors the offices see.',
    variables: { job: JOB, instance: INSTANCE, office: OFFICE },
    rows: declarationRows(),
  },
  resources: {
    uid: 'corridor-resources',
    title: 'Corridor: resources',
    description: 'What is full or waits: queues, processor, memory, disk, ledger, and the streams of the broker.',
    variables: { job: JOB, instance: INSTANCE },
    rows: resourceRows(),
  },
};
