import { IMPORTED } from '../catalogue.ts';
import { letters } from '../identifiers.ts';
import type { Line } from '../shipment.ts';
import { clamp, type Deviation, reclassify, type Scene, scalePrice, some } from './deviation.ts';

/** Codes that smuggled goods like to hide under: low duty, and anything can be called that. */
const COVERS = ['3926909709', '8708999709', '8473302008', '4016930005', '8302415000', '8504408200', '3923301090'].map(
  (code) => IMPORTED.find(({ hsCode }) => hsCode === code),
);

/** Goods under a permit that come in under another code, with what a kilogram of them costs in USD. */
const CONTROLLED: readonly (readonly [description: string, usdPerKg: number, kg: number])[] = [
  ['Quadcopter with camera, flight time 40 min', 310, 60],
  ['Thermal imager, hand-held, 384×288', 900, 25],
  ['Walkie-talkie set, 5 W, 400–470 MHz', 85, 120],
  ['Signal suppressor, portable, 2.4 GHz', 240, 40],
  ['Night vision monocular, generation 2+', 1100, 15],
  ['Telescopic sight 4-16×50', 260, 40],
  ['Tramadol hydrochloride, substance', 210, 30],
  ['Fireworks, assorted, 49 shots', 4.5, 2500],
];

const PERMITS = new Set(['01011', '01051', '01101']);

export const GOODS_SCHEMES: readonly Deviation[] = [
  {
    name: 'misdescription',
    kind: 'scheme',
    target: 'untruthful_declaration',
    regime: 'import',
    percent: 1.28,
    fits: ({ offer, mark }) => mark === null && (offer.tariff >= 10 || offer.excisable) && offer.good.chapter > 1,
    apply: (scene) => {
      const lines = some(scene, 0.6);
      for (const line of lines) misdescribe(scene, line);
      return lines;
    },
  },
  {
    name: 'missing_licence',
    kind: 'scheme',
    target: 'bans_and_restrictions',
    regime: 'import',
    percent: 0.88,
    fits: ({ offer }) => offer.documents.some((code) => PERMITS.has(code)),
    apply: ({ shipment, lines }) => {
      for (const code of PERMITS) shipment.withheld.add(code);
      return lines;
    },
  },
  {
    name: 'hidden_controlled_goods',
    kind: 'scheme',
    target: 'bans_and_restrictions',
    regime: 'import',
    percent: 0.32,
    fits: ({ offer }) => ['CN', 'TR', 'AE', 'DE'].includes(offer.country),
    apply: ({ random, reference, shipment, lines }) => {
      const line = lines.at(-1) as Line;
      const [description, usdPerKg, kg] = random.pick(CONTROLLED);
      const cover = random.pick(COVERS);
      if (cover === undefined) return [];
      const usual = line.priceCents / line.netKg;
      line.netKg = Math.round(random.logNormal(kg, 0.4) * 10) / 10;
      line.grossKg = Math.round(line.netKg * 11.5) / 10;
      line.priceCents = Math.max(1, Math.round((usual * line.netKg * usdPerKg) / line.source.offer.usdPerKg));
      line.units = null;
      line.brand = null;
      reclassify(line, cover.hsCode, reference);
      const open = random.chance(0.6);
      line.description = `${open ? description : random.pick(cover.names)}, model ${letters(random, 2)}-${random.integer(10, 999)}`;
      shipment.mode = random.chance(0.5) ? '50' : shipment.mode;
      return [line];
    },
  },
  {
    name: 'counterfeit',
    kind: 'scheme',
    target: 'intellectual_property',
    regime: 'import',
    percent: 1.2,
    fits: ({ offer, mark }) =>
      mark === null && offer.marks.length > 0 && ['CN', 'TR', 'AE', 'VN'].includes(offer.country),
    apply: (scene) => {
      const { random, shipment } = scene;
      const lines = some(scene, 0.7);
      const shown = random.chance(0.72);
      for (const line of lines) {
        const mark = random.pick(line.source.offer.marks);
        const level = clamp(random.logNormal(0.12, 0.6), 0.03, 0.7);
        const usual = line.source.offer.usdPerKg * 512;
        scalePrice(line, clamp((mark.kztPerKg * level) / usual, 0.2, 1.6));
        line.brand = shown ? (random.chance(0.5) ? mark.brand : titleCase(mark.brand)) : null;
        line.description = shown
          ? line.description.replace(/, (?:no trade mark|trade mark [^,]+)/, `, trade mark ${mark.brand}`)
          : line.description.replace(/, (?:no trade mark|trade mark [^,]+)/, '');
      }
      if (!shown) {
        shipment.mode = '50';
        if (random.chance(0.5)) shipment.dispatchCountry = random.pick(['HK', 'AE', 'TR']);
      }
      return lines;
    },
  },
  {
    name: 'unauthorised_brand',
    kind: 'scheme',
    target: 'intellectual_property',
    regime: 'import',
    percent: 0.32,
    // Genuine goods past the holder of the mark.
    fits: ({ offer, mark }) => mark === null && offer.marks.length > 0,
    apply: (scene) => {
      const lines = some(scene, 0.9);
      for (const line of lines) {
        const mark = scene.random.pick(line.source.offer.marks);
        scalePrice(line, (mark.kztPerKg / (line.source.offer.usdPerKg * 512)) * scene.random.between(0.6, 0.95));
        line.brand = mark.brand;
        line.description = line.description.replace(
          /, (?:no trade mark|trade mark [^,]+)/,
          `, trade mark ${mark.brand}`,
        );
      }
      return lines;
    },
  },
  {
    name: 'overdue_temporary_import',
    kind: 'scheme',
    target: 'customs_procedure',
    regime: 'import',
    percent: 0.32,
    fits: ({ offer }) => offer.good.chapter >= 84,
    apply: ({ random, shipment }) => {
      shipment.procedure = '40';
      shipment.previousProcedure = '53';
      shipment.termDays = -Math.ceil(random.logNormal(40, 0.9));
      return [];
    },
  },
];

/** Dutiable goods under a cheap code. Some leave the true name in the text, some say nothing, some lie well. */
function misdescribe({ random, reference }: Scene, line: Line): void {
  const cover = random.pick(COVERS);
  if (cover === undefined) return;
  const style = random.unit();
  const truth = line.description;
  reclassify(line, cover.hsCode, reference);
  line.units = null;
  line.preference = null;
  scalePrice(line, random.between(0.5, 0.95));
  if (style < 0.5) line.description = truth;
  else if (style < 0.75 && reference.vague.length > 0) line.description = random.pick(reference.vague);
  else line.description = `${random.pick(cover.names)}, type ${letters(random, 2)}${random.integer(10, 999)}`;
  if (style >= 0.5) line.brand = null;
}

function titleCase(text: string): string {
  return text
    .toLowerCase()
    .replace(/(^|[ -])(\p{L})/gu, (_, gap: string, letter: string) => gap + letter.toUpperCase());
}
