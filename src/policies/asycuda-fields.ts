/** What a variable of ASYCUDA's criteria is here. */
export interface AsycudaField {
  /** Path in the data dictionary. */
  readonly path: string;
  /** Codes that may be written in full or in part: equal means begins with. */
  readonly isPrefix?: boolean;
}

/**
 * Variables by their names in lower case; docs/migration.md shows them. Installations name more of their own: those are
 * given with the file.
 */
export const ASYCUDA_FIELDS: Readonly<Record<string, AsycudaField>> = {
  comcod: { path: 'item.hsCode', isPrefix: true },
  ctyorigcod: { path: 'item.originCountry' },
  prefercod: { path: 'item.preference' },
  grossmass: { path: 'item.grossMassKg' },
  netmass: { path: 'item.netMassKg' },
  suppunits: { path: 'item.suppQuantity' },
  statval: { path: 'item.customsValue' },
  itminvncy: { path: 'item.invoicePrice' },
  invncy: { path: 'declaration.invoiceTotal' },
  typproc: { path: 'declaration.procedure', isPrefix: true },
  ctyexpcod: { path: 'declaration.dispatchCountry' },
  ctydestcod: { path: 'declaration.destinationCountry' },
  offcod: { path: 'declaration.office' },
  deccod: { path: 'parties.declarant.id' },
  cmpconcod: { path: 'parties.importer.id' },
  cmpexpcod: { path: 'parties.exporter.id' },
};

/** Functions that ask a list, in lower case → the field whose value is looked for. */
export const ASYCUDA_LISTS: Readonly<Record<string, string>> = {
  inlisttar: 'item.hsCode',
  inlistcty: 'item.originCountry',
  inlistctypd: 'declaration.dispatchCountry',
  inlistdec: 'parties.declarant.id',
  inlistcom: 'parties.importer.id',
};
