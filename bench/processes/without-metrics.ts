/**
 * Loaded before the service, it makes every metric do nothing: what remains of their cost is the calls. A bench of the
 * cost of metrics needs this; nobody who runs the service does, so the service has no setting for it.
 */
import { createRequire } from 'node:module';
import type * as PromClient from 'prom-client';

const prom = createRequire(import.meta.url)('prom-client') as typeof PromClient;
/** The methods behind `inc` and `observe` are chosen by each metric's constructor. */
const RECORDING = ['inc', 'incWithoutExemplar', 'dec', 'set', 'observe', 'observeWithoutExemplar'];
const nothing = () => undefined;
const child = () => ({ inc: nothing, dec: nothing, set: nothing, observe: nothing, startTimer: () => nothing });

for (const metric of [prom.Counter, prom.Gauge, prom.Histogram]) {
  for (const name of RECORDING) if (name in metric.prototype) Object.assign(metric.prototype, { [name]: nothing });
  Object.assign(metric.prototype, { labels: child });
}
Object.assign(prom, { collectDefaultMetrics: nothing });
