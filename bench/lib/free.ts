/** Credentials of those whom `processes/without-access.ts` lets through, by the view that they get. */
export const FREE = { outcome: 'Bearer free-outcome', full: 'Bearer free-full' } as const;
