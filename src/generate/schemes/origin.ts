import type { Line, Shipment } from '../shipment.ts';
import { type Deviation, some } from './deviation.ts';

/** Countries whose papers are at hand where no neighbour is known for these goods. */
const CONVENIENT = ['UZ', 'KG', 'VN', 'MY', 'TR', 'GE'];

export const ORIGIN_SCHEMES: readonly Deviation[] = [
  {
    name: 'false_origin',
    kind: 'scheme',
    target: 'anti_dumping',
    regime: 'import',
    percent: 1.04,
    fits: ({ offer }) => offer.antiDumping !== null,
    apply: (scene) => {
      const { random, reference, shipment } = scene;
      const lines = some(scene, 0.9);
      const first = lines[0] as Line;
      const neighbours = reference.circumvention(first.hsCode, first.origin);
      const origin = neighbours.length > 0 && random.chance(0.85) ? random.pick(neighbours) : random.pick(CONVENIENT);
      for (const line of lines) {
        line.origin = origin;
        line.antiDumping = null;
      }
      if (random.chance(0.5)) shipment.dispatchCountry = origin;
      if (random.chance(0.6)) shipment.extra.push('06018');
      return lines;
    },
  },
  {
    name: 'adjacent_code',
    kind: 'scheme',
    target: 'anti_dumping',
    regime: 'import',
    percent: 0.4,
    fits: ({ offer }) => offer.antiDumping !== null,
    apply: (scene) => {
      const { random, reference } = scene;
      const lines = some(scene, 0.9);
      for (const line of lines) {
        const near = reference.adjacent(line.hsCode, line.origin);
        const code = near.length > 0 ? random.pick(near) : `${line.hsCode.slice(0, 4)}90`;
        line.hsCode = code.padEnd(10, '0');
        line.antiDumping = null;
        line.tariff = reference.tariff(line.hsCode);
      }
      return lines;
    },
  },
  {
    name: 'false_producer',
    kind: 'scheme',
    target: 'anti_dumping',
    regime: 'import',
    percent: 0.32,
    fits: ({ offer, antiDumping }) =>
      offer.antiDumping !== null && antiDumping === offer.antiDumping && offer.producers.length > 0,
    apply: (scene) => {
      const lines = some(scene, 0.9);
      for (const line of lines) {
        const listed = scene.random.pick(line.source.offer.producers);
        // The rate of a listed producer, for goods of another; now and then under the listed one's name.
        line.antiDumping = listed.rate;
        if (scene.random.chance(0.25)) line.maker = listed.name;
      }
      return lines;
    },
  },
  {
    name: 'false_preference',
    kind: 'scheme',
    target: 'untruthful_declaration',
    regime: 'import',
    percent: 0.48,
    fits: ({ offer }) => offer.country === 'CN' && offer.antiDumping === null && offer.tariff >= 5,
    apply: (scene) => {
      const { random, reference, shipment } = scene;
      const lines = some(scene, 0.9);
      const origin = random.pick(['UZ', 'UZ', 'VN', 'TJ', 'GE']);
      for (const line of lines) {
        line.origin = origin;
        line.preference = reference.preference(origin);
      }
      if (random.chance(0.4)) shipment.dispatchCountry = origin;
      if (random.chance(0.35)) withholdProof(shipment, lines);
      return lines;
    },
  },
  {
    name: 'restricted_origin',
    kind: 'scheme',
    target: 'bans_and_restrictions',
    regime: 'import',
    percent: 0.4,
    fits: ({ offer }) => offer.restrictedOrigins.length > 0,
    apply: (scene) => {
      const { random, shipment } = scene;
      const lines = some(scene, 0.8);
      const origin = random.pick((lines[0] as Line).source.offer.restrictedOrigins);
      for (const line of lines) {
        if (!line.source.offer.restrictedOrigins.includes(origin)) continue;
        line.origin = origin;
        line.priceCents = Math.max(1, Math.round(line.priceCents * random.between(0.65, 0.9)));
        line.preference = null;
      }
      if (random.chance(0.6)) shipment.dispatchCountry = origin;
      if (random.chance(0.3)) for (const code of ['01161', '01141']) shipment.withheld.add(code);
      return lines.filter((line) => line.origin === origin);
    },
  },
];

export function withholdProof(shipment: Shipment, lines: readonly Line[]): void {
  for (const { preference } of lines) if (preference !== null) shipment.withheld.add(preference.document);
}
