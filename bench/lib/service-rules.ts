import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/config.ts';
import type { DeclarationInput } from '../../src/core/normalise.ts';

/** Beside the 40 shipped profiles, so that there are 110. */
const GENERATED = 70;

/** Writes a folder of rules: those shipped, and profiles that each ask for one HS code of six digits and an origin. */
export function writeRules(dir: string, mix: readonly DeclarationInput[]): void {
  cpSync(join(packageRoot(), 'rules'), dir, { recursive: true });
  const pairs = new Map<string, { hs6: string; origin: string }>();
  for (const { items } of mix) {
    for (const { hsCode, originCountry: origin } of items) {
      const hs6 = hsCode.slice(0, 6);
      pairs.set(`${hs6} ${origin}`, { hs6, origin });
    }
  }
  for (const [index, { hs6, origin }] of [...pairs.values()].slice(0, GENERATED).entries()) {
    const id = `GEN-${String(index + 1).padStart(3, '0')}`;
    const item = { hsCode: `${hs6}0000`, originCountry: origin, netMassKg: 100, grossMassKg: 110 };
    const value = (amount: string) => ({ items: [{ ...item, customsValue: { amount, currency: 'KZT' } }] });
    const profile = {
      id,
      title: `Cheap goods of ${hs6} from ${origin}`,
      target: 'undervaluation',
      corridor: 'yellow',
      measures: [{ code: 'documentary_check', instructions: 'Compare the invoice with the prices of these goods.' }],
      weight: 0.1,
      level: 'item',
      when: `item.hsCode.startsWith("${hs6}") && item.originCountry == "${origin}" && item.netMassKg > 0.0 && item.customsValue / item.netMassKg < 100`,
      tests: [
        { name: 'cheap', declaration: value('9000'), hits: true },
        { name: 'dear', declaration: value('90000'), hits: false },
      ],
    };
    writeFileSync(join(dir, 'profiles', `${id}.yaml`), JSON.stringify(profile));
  }
}
