import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { Principal } from '../../src/access/principal.ts';
import { EventStreams, textOf } from '../../src/desk/event-streams.ts';
import { EVENT_BACKLOG_BYTES_MAX, EVENT_STREAMS_MAX } from '../../src/limits.ts';

function principal(subject: string): Principal {
  return {
    ...{ subject, name: subject, kind: 'person', roles: ['analyst'], scopes: null, offices: 'all', party: null },
    ...{ submitters: [], credential: subject, issuedAt: 0, expiresAt: 1000 },
  } as const;
}

it('writes an event as the standard says', () => {
  expect(textOf({ id: 7, name: 'overview', data: { text: 'a\nb' } })).toBe(
    'id: 7\nevent: overview\ndata: {"text":"a\\nb"}\n\n',
  );
});

it('drops a reader that does not take what it is sent, and no other', async () => {
  const streams = new EventStreams({ stands: () => true, now: () => 0 });
  const event = 'x'.repeat(10_000);
  const slow = streams.open(principal('slow'), () => event);
  const quick = streams.open(principal('quick'), () => event);
  quick.resume();
  const closed = once(slow, 'close');
  for (let beat = 0; beat < 20; beat++) {
    streams.beat();
    await turn();
  }
  await closed;
  expect(slow.readableLength).toBeLessThan(EVENT_BACKLOG_BYTES_MAX + event.length + 100);
  expect(streams.size).toBe(1);
  expect(quick.destroyed).toBe(false);
});

it('holds so many in all', () => {
  const streams = new EventStreams({ stands: () => true, now: () => 0 });
  for (let n = 0; n < EVENT_STREAMS_MAX; n++) streams.open(principal(`p-${n}`), () => '');
  expect(() => streams.open(principal('late'), () => '')).toThrow('Too many streams are open');
});
