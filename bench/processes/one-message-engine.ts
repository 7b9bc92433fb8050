import { workerData } from 'node:worker_threads';
import { open } from 'lmdb';
import { AckPolicy, connect } from 'nats';
import { drawer, ensureDrawKeys, readDrawKeys } from '../../src/engine/draw-key.ts';
import { Evaluator } from '../../src/engine/evaluate.ts';
import { PROGRESS_SLOTS } from '../../src/engine/protocol.ts';
import { readBundle } from '../../src/profiles/bundle.ts';
import { buildPolicy } from '../../src/profiles/policy.ts';
import { openModels } from '../../src/state/models.ts';
import type { LoopData } from './one-message-loop.ts';

/** Decides each message by itself: pull, look up, decide, note the status, publish the decision, acknowledge. */
const { natsUrl, rulesDir, dataDir } = workerData as LoopData;

const models = openModels(`${dataDir}/models`);
const keysFile = `${dataDir}/keys/draw.json`;
ensureDrawKeys(keysFile);
let fresh = false;
const evaluator = new Evaluator({
  policy: buildPolicy(await readBundle(rulesDir)),
  // One snapshot per turn of the event loop is enough.
  models: {
    party: models.party.bind(models),
    traderFacts: models.traderFacts.bind(models),
    valuePerKg: models.valuePerKg.bind(models),
    refresh() {
      if (fresh) return;
      fresh = true;
      models.refresh();
      setImmediate(() => {
        fresh = false;
      });
    },
  },
  draw: drawer(readDrawKeys(keysFile)),
  by: 'loop',
  progress: new Int32Array(PROGRESS_SLOTS),
});
const statuses = open<string, number>({ path: `${dataDir}/statuses`, noSync: true, encoding: 'string' });

const nats = await connect({ servers: natsUrl, name: 'loop engine', noAsyncTraces: true });
const jetstream = nats.jetstream();
const manager = await nats.jetstreamManager();
await manager.consumers.add('DECLARATIONS', {
  durable_name: 'engine',
  ack_policy: AckPolicy.Explicit,
  max_ack_pending: 4096,
});
const consumer = await jetstream.consumers.get('DECLARATIONS', 'engine');
await consumer.consume({
  max_messages: 1024,
  callback(message) {
    const bytes = message.data;
    const { answers } = evaluator.evaluate({ id: 1, bytes, ends: [bytes.byteLength], suspended: [], marks: [] });
    const [answer] = answers;
    if (answer?.readable !== true || answer.parts[0] === undefined) return message.term();
    void statuses.put(message.seq, 'decided');
    jetstream.publish('decisions.loop', answer.parts[0]).then(
      () => message.ack(),
      () => message.nak(),
    );
  },
});
