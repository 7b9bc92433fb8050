/** The four ways a declaration can go, from the lightest to the most severe. */
export const CORRIDORS = ['green', 'blue', 'yellow', 'red'] as const;
export type Corridor = (typeof CORRIDORS)[number];

/** Percent of the declarations, by corridor. */
export type Shares = Readonly<Record<Corridor, number>>;

const SEVERITY: Record<Corridor, number> = { green: 0, blue: 1, yellow: 2, red: 3 };

export function severity(corridor: Corridor): number {
  return SEVERITY[corridor];
}

export function mostSevere(a: Corridor, b: Corridor): Corridor {
  return SEVERITY[a] >= SEVERITY[b] ? a : b;
}

/** Green and blue release the goods at once; yellow and red hold them until a control is done. */
export function isReleased(corridor: Corridor): boolean {
  return corridor === 'green' || corridor === 'blue';
}
