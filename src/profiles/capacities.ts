import type { PolicyBundle } from './bundle.ts';
import { readList } from './list-file.ts';

/** Controls a day that each office can do: the list `office_capacity`, `*office:string,controls_per_day:number`. */
const FILE = 'lists/office_capacity.csv';
const COLUMN = 'controls_per_day';

/** Office → controls a day; empty where the policy has no such list. */
export function capacitiesOf({ files }: PolicyBundle): ReadonlyMap<string, number> {
  const text = files[FILE];
  const list = text === undefined ? null : readList('office_capacity', FILE, text, []);
  const place = list?.columns.findIndex(({ name }) => name === COLUMN) ?? -1;
  const capacities = new Map<string, number>();
  for (const { keys, values } of list?.rows ?? []) {
    const [office] = keys;
    const value = values[place];
    if (office !== undefined && typeof value === 'number') capacities.set(office, value);
  }
  return capacities;
}
