import { expect, it } from 'vitest';
import { CorridorError } from '../../src/errors.ts';
import { Gate } from '../../src/ingress/gate.ts';

it('turns away what does not fit, in pieces or in bytes', () => {
  const gate = new Gate(2, 100);
  expect([gate.tryEnter(60), gate.tryEnter(50), gate.tryEnter(40), gate.tryEnter(0)]).toEqual([
    true,
    false,
    true,
    false,
  ]);
  expect(() => gate.mustEnter(1, 'requests')).toThrow(CorridorError);
  gate.leave(60);
  expect(gate.tryEnter(60)).toBe(true);
});

it('lets those who wait in one after the other, before those who come later', async () => {
  const gate = new Gate(2, 100);
  const entered: string[] = [];
  await gate.enter(90);
  const large = gate.enter(80).then(() => entered.push('large'));
  const small = gate.enter(5).then(() => entered.push('small'));
  expect(gate.tryEnter(1)).toBe(false);
  gate.leave(90);
  await Promise.all([large, small]);
  expect(entered).toEqual(['large', 'small']);
  expect([gate.count, gate.bytes]).toEqual([2, 85]);
});

it('lets something larger than the whole in alone', () => {
  const gate = new Gate(2, 100);
  expect(gate.tryEnter(1000)).toBe(true);
  expect(gate.tryEnter(1)).toBe(false);
});
