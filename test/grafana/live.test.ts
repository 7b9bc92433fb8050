import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectStream } from '../../src/stream/connection.ts';
import { publish } from '../../src/stream/publish.ts';
import { declarationInput } from '../helpers/declaration.ts';
import { post, type Target } from '../helpers/load.ts';
import { type NatsServer, startNats } from '../helpers/nats.ts';
import { PROMETHEUS_MISSING, Prometheus } from '../helpers/prometheus.ts';
import { createService, type ServiceProcess } from '../helpers/service.ts';
import { until } from '../helpers/until.ts';
import { blankPanels, type DashboardJson, dashboards } from './panels.ts';
import { RULE_FILES, rules } from './promtool.ts';

const WITHIN_MS = 30_000;
const ROUND_MS = 100;

describe.skipIf(PROMETHEUS_MISSING !== null)(`Prometheus, reading the service${PROMETHEUS_MISSING ?? ''}`, () => {
  let nats: NatsServer;
  let service: ServiceProcess;
  let prometheus: Prometheus;
  let sending = true;
  let sent: Promise<void>;

  beforeAll(async () => {
    nats = await startNats();
    service = await createService({ natsUrl: nats.url });
    await service.start();
    prometheus = await Prometheus.start(service, RULE_FILES);
    // What happens before its first sample, Prometheus cannot see.
    await until(async () => (await prometheus.instant('up == 1')).length > 0);
    sent = send();
  });

  afterAll(async () => {
    sending = false;
    await sent;
    await prometheus?.close();
    await service?.close();
    await nats?.close();
  });

  /** Everything that clients do, once a round, until the end of the test. */
  async function send(): Promise<void> {
    await setAside(nats.url);
    for (let n = 0; sending; n++) {
      await round(service, n);
      await new Promise((resolve) => setTimeout(resolve, ROUND_MS));
    }
  }

  it('has data for every query of every panel', { timeout: WITHIN_MS + 10_000 }, async () => {
    const deadline = Date.now() + WITHIN_MS;
    let blanks = await blankPanels(prometheus, dashboards());
    while (blanks.length > 0 && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 500));
      blanks = await blankPanels(prometheus, dashboards());
    }
    expect(blanks).toEqual([]);
  });

  it.each([
    ['a metric that is not there', 'sum(rate(corridor_decision_total[4s]))', 'no series'],
    ['a label that is not there', 'sum(rate(corridor_decisions_total{corridors="green"}[4s]))', 'no series'],
    ['a share of nothing', '0 * corridor_ready / 0', expect.stringContaining('no number in {')],
    ['a query that cannot be read', 'sum(rate(corridor_decisions_total[4s])', expect.stringContaining('parse error')],
    ['a variable that is not there', 'corridor_ready{job="$jobs"}', 'there is no variable jobs'],
  ])('a panel broken by %s is caught', async (_, expr, why) => {
    const [whole, ...others] = dashboards() as [DashboardJson, ...DashboardJson[]];
    const panels = whole.panels.map((panel, n) => (n === 1 ? { ...panel, targets: [{ refId: 'A', expr }] } : panel));
    const panel = `${whole.title} / ${panels[1]?.title}`;
    expect(await blankPanels(prometheus, [{ ...whole, panels }, ...others])).toEqual([{ panel, expr, why }]);
  });

  it('evaluates every rule, and knows every metric that they name', async () => {
    const states = await prometheus.rules();
    expect(states).toHaveLength(rules().length);
    expect(states.filter(({ health, lastError = '' }) => health !== 'ok' || lastError !== '')).toEqual([]);
    const names = new Set(
      rules().flatMap(({ expr }) => expr.match(/\b(corridor_\w+|job_objective:\w+:\w+|up)\b/g) ?? []),
    );
    for (const name of names) expect(await prometheus.instant(name), name).not.toEqual([]);
  });

  it('alerts of what was set aside', async () => {
    await until(async () => {
      const states = await prometheus.rules();
      return states.some(({ name, state }) => name === 'CorridorQuarantined' && state === 'firing');
    });
  });
});

/** A message that no engine can read: the broker takes it, the engine sets it aside. */
async function setAside(natsUrl: string): Promise<void> {
  const conn = await connectStream({ url: natsUrl, name: 'test' });
  await publish(conn, 'declarations.local', Buffer.from('neither MessagePack nor an envelope'));
  await conn.close();
}

async function round(target: Target, n: number): Promise<void> {
  const green = declarationInput({ id: `G-${n}` });
  const [item] = green.items;
  const licensed = item === undefined ? [] : [{ ...item, hsCode: '9303200000' }];
  const red = declarationInput({ id: `R-${n}`, office: '55303', items: licensed });
  await Promise.all([post(target, green), post(target, red)]);
  await post(target, { ...red, version: 2 });
  await post(target, { ...red, version: 9 });
  await post(target, { ...green, invoiceTotal: null });
  await send(target, `/v1/declarations`, 'application/json', '{"id":');
  const lines = [0, 1, 2].map((line) => JSON.stringify(declarationInput({ id: `B-${n}-${line}` })));
  await send(target, `/v1/declarations/batch`, 'application/x-ndjson', `${lines.join('\n')}\nnot JSON\n`);
  await send(target, `/v1/declarations/R-${n}/withdrawal`, 'application/json', '{"reason":"Sold elsewhere"}');
  await send(target, `/v1/declarations/G-${n}/decision`);
}

async function send({ url, authorise }: Target, path: string, type?: string, body?: string): Promise<void> {
  const headers = await authorise();
  const post = { method: 'POST', headers: { ...headers, 'content-type': type ?? '' }, body: body ?? '' };
  const answer = await fetch(`${url}${path}`, type === undefined ? { headers } : post).catch(() => null);
  await answer?.text();
}
