import { expect, test } from 'vitest';
import { CorridorError } from '../../src/errors.ts';
import { Batcher, type BatcherLimits } from '../../src/stream/batcher.ts';

const LIMITS: BatcherLimits = {
  inFlightMax: 2,
  openMax: 1000,
  openWithinMs: 1000,
  entriesMax: 4,
  bytesMax: 100,
  queueEntriesMax: 20,
  queueBytesMax: 1000,
};

interface Sent {
  readonly entries: number[];
  readonly finish: (result?: string) => void;
  readonly fail: (error: Error) => void;
}

function batcher(limits: Partial<BatcherLimits> = {}): { sent: Sent[]; submit: Batcher<number, string>['submit'] } {
  const sent: Sent[] = [];
  const made = new Batcher<number, string>({ ...LIMITS, ...limits }, (entries) => {
    return new Promise((resolve, reject) => {
      sent.push({ entries, finish: (result = 'done') => resolve(result), fail: reject });
    });
  });
  return { sent, submit: (entry, bytes) => made.submit(entry, bytes) };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('alone, an entry is sent in the same turn of the event loop', async () => {
  const { sent, submit } = batcher();
  const result = submit(1, 10);
  await turn();
  expect(sent.map(({ entries }) => entries)).toEqual([[1]]);
  sent[0]?.finish('first');
  expect(await result).toBe('first');
});

test('what arrives while two sends are under way forms the next message, in order', async () => {
  const { sent, submit } = batcher();
  for (const entry of [1, 2]) {
    void submit(entry, 10);
    await turn();
  }
  for (const entry of [3, 4, 5]) void submit(entry, 10);
  await turn();
  expect(sent.map(({ entries }) => entries)).toEqual([[1], [2]]);
  sent[1]?.finish();
  await turn();
  await turn();
  expect(sent.map(({ entries }) => entries)).toEqual([[1], [2], [3, 4, 5]]);
});

test('a message holds no more than its limits of entries and of bytes', async () => {
  const { sent, submit } = batcher();
  for (const entry of [1, 2, 3, 4, 5]) void submit(entry, 10);
  await turn();
  expect(sent.map(({ entries }) => entries)).toEqual([[1, 2, 3, 4], [5]]);
  for (const [entry, bytes] of [
    [6, 60],
    [7, 60],
    [8, 30],
    [9, 500],
  ] as const) {
    void submit(entry, bytes);
  }
  for (let at = 0; at < 5; at++) {
    for (const each of sent) each.finish();
    await turn();
    await turn();
  }
  expect(sent.slice(2).map(({ entries }) => entries)).toEqual([[6], [7, 8], [9]]);
});

test('a full queue refuses what is new as overloaded, by number and by bytes', async () => {
  const { submit } = batcher({ queueEntriesMax: 2 });
  void submit(1, 10);
  void submit(2, 10);
  await expect(submit(3, 10)).rejects.toMatchObject({ code: 'overloaded' });
  const small = batcher({ queueBytesMax: 15 });
  void small.submit(1, 10);
  await expect(small.submit(2, 10)).rejects.toBeInstanceOf(CorridorError);
});

test('a send that fails rejects the entries of its message and no others', async () => {
  const { sent, submit } = batcher({ entriesMax: 1 });
  const first = submit(1, 10);
  const second = submit(2, 10);
  const third = submit(3, 10);
  await turn();
  sent[0]?.fail(new Error('lost'));
  sent[1]?.finish();
  await expect(first).rejects.toThrow('lost');
  expect(await second).toBe('done');
  await turn();
  sent[2]?.finish();
  expect(await third).toBe('done');
});

test('with many entries open, the next message waits for the answers and grows; late ones count no longer', async () => {
  const sent: number[][] = [];
  const limits = { ...LIMITS, openMax: 2, openWithinMs: 40 };
  const made = new Batcher<number, string>(limits, (entries) => {
    sent.push(entries);
    return Promise.resolve('done');
  });
  for (const entry of [1, 2, 3, 4, 5]) {
    void made.submit(entry, 10);
    await turn();
  }
  expect(sent).toEqual([[1], [2]]);
  made.answered(2);
  await turn();
  expect(sent).toEqual([[1], [2], [3, 4, 5]]);
  void made.submit(6, 10);
  made.answered(1);
  made.answered(4);
  await turn();
  expect(sent).toHaveLength(3);
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect(sent).toEqual([[1], [2], [3, 4, 5], [6]]);
  for (const entry of [7, 8, 9, 10, 11, 12, 13, 14]) void made.submit(entry, 10);
  await turn();
  await turn();
  expect(sent.slice(4)).toEqual([
    [7, 8, 9, 10],
    [11, 12, 13, 14],
  ]);
});
