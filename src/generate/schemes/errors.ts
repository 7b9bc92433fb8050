import { rateOf } from '../calendar.ts';
import { kilograms, type Line } from '../shipment.ts';
import { always, type Deviation, some } from './deviation.ts';
import { withholdProof } from './origin.ts';

const CERTIFICATES = new Set(['01161', '01141', '01191', '01206']);
const PERMITS = new Set(['01011', '01051', '01101']);

/** What honest clerks get wrong, worth correcting before or after release. */
export const IMPORT_ERRORS: readonly Deviation[] = [
  {
    name: 'freight_left_out',
    kind: 'error',
    target: 'undervaluation',
    regime: 'import',
    percent: 0.72,
    fits: ({ incoterms }) => ['EXW', 'FCA', 'FOB', 'FAS'].includes(incoterms),
    apply: ({ shipment }) => {
      shipment.addsFreight = false;
      return [];
    },
  },
  {
    name: 'wrong_arithmetic',
    kind: 'error',
    target: 'undervaluation',
    regime: 'import',
    percent: 0.56,
    fits: always,
    apply: (scene) => {
      const { random, shipment, lines } = scene;
      if (random.chance(0.55)) {
        shipment.totalFactor = random.chance(0.5) ? random.between(0.55, 0.93) : random.between(1.07, 1.6);
        return [];
      }
      const line = lines[0] as Line;
      line.valueFactor = random.chance(0.7) ? random.between(0.1, 0.75) : random.between(1.3, 3);
      return [line];
    },
  },
  {
    name: 'currency_mixed_up',
    kind: 'error',
    target: 'undervaluation',
    regime: 'import',
    percent: 0.4,
    fits: ({ currency }) => ['USD', 'EUR', 'CNY', 'TRY', 'GBP'].includes(currency),
    apply: ({ random, shipment }) => {
      // The amounts stay, the currency is another.
      const other = ['CNY', 'USD', 'EUR', 'RUB', 'TRY'].filter((each) => each !== shipment.currency);
      shipment.currency = random.pick(other);
      shipment.exchangeRate = rateOf(shipment.currency, shipment.at);
      return [];
    },
  },
  {
    name: 'masses_swapped',
    kind: 'error',
    target: 'untruthful_declaration',
    regime: 'import',
    percent: 0.48,
    fits: ({ offer }) => offer.good.packing >= 1.02,
    apply: (scene) => {
      const lines = some(scene, 0.3).filter((line) => line.grossKg > line.netKg);
      for (const line of lines) [line.grossKg, line.netKg] = [line.netKg, line.grossKg];
      return lines;
    },
  },
  {
    name: 'decimal_slipped',
    kind: 'error',
    target: 'untruthful_declaration',
    regime: 'import',
    percent: 0.4,
    fits: always,
    apply: ({ random, lines }) => {
      const line = lines[0] as Line;
      if (random.chance(0.5)) {
        line.netKg = kilograms(line.netKg / 10);
      } else {
        line.netKg = kilograms(line.netKg * 10);
        line.grossKg = kilograms(line.grossKg * 10);
      }
      return [line];
    },
  },
  {
    name: 'permit_expired',
    kind: 'error',
    target: 'bans_and_restrictions',
    regime: 'import',
    percent: 0.64,
    fits: ({ offer }) => offer.documents.length > 0,
    apply: ({ shipment, lines }) => {
      for (const { documents } of lines) for (const code of documents) shipment.expired.add(code);
      return lines;
    },
  },
  {
    name: 'licence_forgotten',
    kind: 'error',
    target: 'bans_and_restrictions',
    regime: 'import',
    percent: 0.24,
    fits: ({ offer }) => offer.documents.some((code) => PERMITS.has(code)),
    apply: ({ shipment, lines }) => {
      for (const code of PERMITS) shipment.withheld.add(code);
      return lines;
    },
  },
  {
    name: 'certificate_missing',
    kind: 'error',
    target: 'bans_and_restrictions',
    regime: 'import',
    percent: 0.88,
    fits: ({ offer }) => offer.documents.some((code) => CERTIFICATES.has(code)),
    apply: ({ shipment, lines }) => {
      for (const code of CERTIFICATES) shipment.withheld.add(code);
      return lines;
    },
  },
  {
    name: 'preference_without_proof',
    kind: 'error',
    target: 'untruthful_declaration',
    regime: 'import',
    percent: 0.72,
    fits: ({ offer }, { claimsPreference }) => claimsPreference && offer.preference !== null,
    apply: ({ shipment, lines }) => {
      withholdProof(shipment, lines);
      return lines.filter(({ preference }) => preference !== null);
    },
  },
  {
    name: 'code_mistyped',
    kind: 'error',
    target: 'untruthful_declaration',
    regime: 'import',
    percent: 0.4,
    fits: ({ offer }) => offer.tariff >= 5,
    apply: ({ random, reference, lines }) => {
      const line = lines[0] as Line;
      // A digit of the heading or of the subheading, mistaken.
      const place = random.integer(1, 5);
      const digit = String((Number(line.hsCode[place]) + random.integer(1, 8)) % 10);
      const code = `${line.hsCode.slice(0, place)}${digit}${line.hsCode.slice(place + 1)}`;
      line.hsCode = code;
      line.tariff = reference.tariff(code);
      line.excise = false;
      return [line];
    },
  },
  {
    name: 'vague_description',
    kind: 'error',
    target: 'untruthful_declaration',
    regime: 'import',
    percent: 0.48,
    fits: always,
    apply: (scene) => {
      const lines = some(scene, 0.2);
      const { random, reference } = scene;
      for (const line of lines) if (reference.vague.length > 0) line.description = random.pick(reference.vague);
      return lines;
    },
  },
  {
    name: 'anti_dumping_forgotten',
    kind: 'error',
    target: 'anti_dumping',
    regime: 'import',
    percent: 0.4,
    fits: ({ offer }) => offer.antiDumping !== null,
    apply: ({ lines }) => {
      for (const line of lines) line.antiDumping = null;
      return lines;
    },
  },
  {
    name: 'tax_forgotten',
    kind: 'error',
    target: 'untruthful_declaration',
    regime: 'import',
    percent: 0.32,
    fits: always,
    apply: ({ random, lines }) => {
      for (const line of lines) {
        if (line.excise && random.chance(0.5)) line.excise = false;
        else line.vat = false;
      }
      return lines;
    },
  },
];

export const OTHER_ERRORS: readonly Deviation[] = [
  {
    name: 'export_permit_expired',
    kind: 'error',
    target: 'bans_and_restrictions',
    regime: 'export',
    percent: 0.96,
    fits: ({ offer }) => offer.documents.length > 0,
    apply: ({ shipment, lines }) => {
      for (const { documents } of lines) for (const code of documents) shipment.expired.add(code);
      return lines;
    },
  },
  {
    name: 'export_masses_swapped',
    kind: 'error',
    target: 'untruthful_declaration',
    regime: 'export',
    percent: 0.64,
    fits: ({ offer }) => offer.good.packing >= 1.02,
    apply: (scene) => {
      const lines = some(scene, 0.3).filter((line) => line.grossKg > line.netKg);
      for (const line of lines) [line.grossKg, line.netKg] = [line.netKg, line.grossKg];
      return lines;
    },
  },
  {
    name: 'export_wrong_arithmetic',
    kind: 'error',
    target: 'untruthful_declaration',
    regime: 'export',
    percent: 0.96,
    fits: always,
    apply: ({ random, shipment }) => {
      shipment.totalFactor = random.chance(0.5) ? random.between(0.5, 0.92) : random.between(1.08, 1.7);
      return [];
    },
  },
  {
    name: 'guarantee_miscalculated',
    kind: 'error',
    target: 'transit',
    regime: 'transit',
    percent: 2.4,
    fits: ({ offer }) => offer.tariff > 0,
    apply: ({ random, shipment }) => {
      shipment.guaranteeFactor = random.between(0.55, 0.96);
      return [];
    },
  },
  {
    name: 'seals_not_declared',
    kind: 'error',
    target: 'transit',
    regime: 'transit',
    percent: 1.6,
    fits: always,
    apply: ({ shipment }) => {
      shipment.sealed = false;
      return [];
    },
  },
  {
    name: 'transit_vague_description',
    kind: 'error',
    target: 'untruthful_declaration',
    regime: 'transit',
    percent: 1.2,
    fits: always,
    apply: (scene) => {
      const lines = some(scene, 0.3);
      const { random, reference } = scene;
      for (const line of lines) if (reference.vague.length > 0) line.description = random.pick(reference.vague);
      return lines;
    },
  },
];
