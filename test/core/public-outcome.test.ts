import { expect, it } from 'vitest';
import { CORRIDORS } from '../../src/core/corridor.ts';
import { publicOutcome } from '../../src/core/public-outcome.ts';

it('releases blue like green, and sends what was set aside to the documents', () => {
  expect(CORRIDORS.map(publicOutcome)).toEqual(['released', 'released', 'documents', 'inspection']);
  expect(publicOutcome(null)).toBe('documents');
});
