import type { Corridor } from './corridor.ts';

/** Port: what control capacity costs, per office and corridor. The optimal plan of it is a capability of its own. */
export interface CapacityPlan {
  /** Least expected damage, in tiyn, for which a control in this corridor takes place at this office. */
  price(office: string, corridor: Corridor): number;
}

/** Capacity to spare everywhere: every hit stands. */
export const OPEN_PLAN: CapacityPlan = { price: () => 0 };

const LIGHTER: Record<Corridor, Corridor> = { red: 'yellow', yellow: 'blue', blue: 'green', green: 'green' };

/** The most severe corridor, at or below `asked`, whose price the expected damage pays. */
export function affordable(plan: CapacityPlan, office: string, asked: Corridor, expectedDamageTiyn: number): Corridor {
  let corridor = asked;
  while (corridor !== 'green' && expectedDamageTiyn < plan.price(office, corridor)) corridor = LIGHTER[corridor];
  return corridor;
}
