import { clamp, type Deviation, scalePrice, some } from './deviation.ts';

const PERMITS = ['01011', '01051'];

/** Schemes of export and of transit. */
export const BORDER_SCHEMES: readonly Deviation[] = [
  {
    name: 'export_without_licence',
    kind: 'scheme',
    target: 'bans_and_restrictions',
    regime: 'export',
    percent: 1.92,
    fits: ({ offer }) => offer.documents.length > 0,
    apply: ({ shipment, lines }) => {
      for (const code of PERMITS) shipment.withheld.add(code);
      return lines;
    },
  },
  {
    name: 'embargo_breach',
    kind: 'scheme',
    target: 'bans_and_restrictions',
    regime: 'export',
    percent: 0.8,
    fits: ({ offer }) => offer.dualUse,
    apply: ({ random, reference, shipment, lines }) => {
      // Straight to the embargoed country, or to a neighbour that sends them on.
      const direct = reference.sanctioned.length > 0 && random.chance(0.6);
      shipment.destinationCountry = direct ? random.pick(reference.sanctioned) : random.pick(['KG', 'AE', 'TR', 'HK']);
      if (random.chance(0.5)) for (const code of PERMITS) shipment.withheld.add(code);
      return lines;
    },
  },
  {
    name: 'disguised_scrap',
    kind: 'scheme',
    target: 'untruthful_declaration',
    regime: 'export',
    percent: 0.4,
    fits: ({ offer }) => ['7204490000', '7404001000', '4101501000'].includes(offer.good.hsCode),
    apply: ({ random, lines }) => {
      for (const line of lines) {
        line.hsCode = random.pick(['7326909807', '7616999008', '2620190000']);
        line.documents = [];
        line.description = random.pick(['Other articles of metal', 'Metal blanks for processing', 'Materials']);
      }
      return lines;
    },
  },
  {
    name: 'transit_diversion',
    kind: 'scheme',
    target: 'transit',
    regime: 'transit',
    percent: 4,
    fits: ({ offer }) => offer.highDuty || offer.tariff >= 10,
    apply: (scene) => {
      const { random, shipment } = scene;
      // Cover too little, leave the doors open, take long: one or more of them; some look like anybody else.
      if (random.chance(0.6)) shipment.guaranteeFactor = clamp(random.logNormal(0.4, 0.5), 0.05, 0.95);
      if (random.chance(0.5)) shipment.sealed = false;
      if (random.chance(0.45)) shipment.timeFactor = random.between(2.2, 5);
      if (random.chance(0.35)) for (const line of scene.lines) scalePrice(line, random.between(0.25, 0.6));
      return [];
    },
  },
  {
    name: 'transit_misdescription',
    kind: 'scheme',
    target: 'transit',
    regime: 'transit',
    percent: 1.2,
    fits: ({ offer }) => offer.highDuty || offer.tariff >= 10,
    apply: (scene) => {
      const { random, reference } = scene;
      const lines = some(scene, 0.8);
      for (const line of lines) {
        if (random.chance(0.6) && reference.vague.length > 0) line.description = random.pick(reference.vague);
        line.hsCode = random.pick(['3926909709', '8708999709', '3924900009']);
        line.tariff = reference.tariff(line.hsCode);
        line.excise = false;
        scalePrice(line, random.between(0.4, 0.9));
      }
      if (random.chance(0.4)) scene.shipment.sealed = false;
      return lines;
    },
  },
];
