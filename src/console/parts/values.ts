import type { MessageKey } from '../messages.ts';

/** Operands of profiles, as they are written there → how an official calls them. What is not here stands in the details. */
const NAMES: Readonly<Record<string, MessageKey>> = {
  'item.hsCode': 'value.hsCode',
  'item.description': 'value.description',
  'item.originCountry': 'value.originCountry',
  'item.brand': 'value.brand',
  'item.brand.upperAscii()': 'value.brand',
  'item.manufacturer': 'value.manufacturer',
  'item.preference': 'value.preference',
  'item.valuationMethod': 'value.valuationMethod',
  'item.netMassKg': 'value.netMassKg',
  'item.grossMassKg': 'value.grossMassKg',
  'item.suppQuantity': 'value.quantity',
  'item.customsValue': 'value.customsValue',
  'item.customsValue / item.netMassKg': 'value.valuePerKg',
  'item.customsValue / item.suppQuantity': 'value.valuePerUnit',
  'item.grossMassKg / item.netMassKg': 'value.grossToNet',
  'stats.valuePerKg(item).n': 'value.comparable',
  'stats.valuePerKg(item).p50': 'value.medianPerKg',
  'stats.valuePerKg(item).p05': 'value.p05PerKg',
  'lookup("minimum_values", "minimum", item.hsCode)': 'value.minimum',
  'trader.category': 'value.category',
  'trader.known': 'value.known',
  'trader.d90.count': 'value.count90',
  'trader.openViolations': 'value.openViolations',
  'declaration.customsValueTotal': 'value.customsValueTotal',
  'declaration.invoiceTotal': 'value.invoiceTotal',
  'declaration.dispatchCountry': 'value.dispatchCountry',
  'declaration.destinationCountry': 'value.destinationCountry',
  'declaration.incoterms': 'value.incoterms',
  'declaration.procedure': 'value.procedure',
  'declaration.previousProcedure': 'value.previousProcedure',
  'declaration.transit.guarantee.amount': 'value.guarantee',
  'declaration.transit.timeLimit': 'value.timeLimit',
  'size(declaration.transit.seals)': 'value.seals',
};

/** Null: only its source text says what it is. */
export function nameOfValue(source: string): MessageKey | null {
  return Object.hasOwn(NAMES, source) ? (NAMES[source] ?? null) : null;
}
