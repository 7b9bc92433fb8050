import { clamp, type Deviation, scalePrice, some } from './deviation.ts';

/** Goods whose price nobody can read off an exchange. */
const isManufactured = (usdPerKg: number, tariff: number) => usdPerKg > 1.5 && tariff >= 5;

export const VALUE_SCHEMES: readonly Deviation[] = [
  {
    name: 'undervaluation',
    kind: 'scheme',
    target: 'undervaluation',
    regime: 'import',
    percent: 2.08,
    fits: ({ offer, mark }) => mark === null && isManufactured(offer.usdPerKg, offer.tariff),
    apply: (scene) => {
      const lines = some(scene, 0.8);
      const factor = clamp(scene.random.logNormal(0.36, 0.4), 0.08, 0.85);
      for (const line of lines) scalePrice(line, factor * scene.random.between(0.9, 1.1));
      return lines;
    },
  },
  {
    name: 'split_invoice',
    kind: 'scheme',
    target: 'undervaluation',
    regime: 'import',
    percent: 0.4,
    // A second invoice for "services" takes part of the price, and a claimed discount explains it.
    fits: ({ offer, mark }) => mark === null && isManufactured(offer.usdPerKg, offer.tariff),
    apply: (scene) => {
      const { random, shipment, lines } = scene;
      const factor = random.between(0.45, 0.8);
      for (const line of lines) {
        scalePrice(line, factor);
        if (random.chance(0.4)) line.method = 6;
      }
      shipment.extra.push('04025');
      return lines;
    },
  },
  {
    name: 'export_undervaluation',
    kind: 'scheme',
    target: 'undervaluation',
    regime: 'export',
    percent: 1.76,
    fits: ({ offer }) => offer.good.spread < 0.3,
    apply: (scene) => {
      const lines = some(scene, 0.7);
      const factor = clamp(scene.random.logNormal(0.45, 0.3), 0.15, 0.85);
      for (const line of lines) scalePrice(line, factor);
      return lines;
    },
  },
];
