import { expect, it } from 'vitest';
import { ERRORS } from '../../src/errors.ts';
import { createLog } from '../../src/observe/log.ts';
import { createMetrics, STAGES } from '../../src/observe/metrics.ts';

it('the number of offices in labels is bounded, whatever clients declare', async () => {
  const metrics = createMetrics();
  for (let i = 0; i < 1000; i++) metrics.countDecisions('green', `office-${i}`, 1);
  const { values } = await metrics.decisions.get();
  expect(values.length).toBeLessThanOrEqual(201);
  expect(values.find(({ labels }) => labels.office === 'other')?.value).toBe(800);
});

it('has an edge on every objective, for every stage', async () => {
  const metrics = createMetrics();
  for (const stage of STAGES) metrics.stageSeconds.observe({ stage }, 0.003);
  const text = await metrics.registry.metrics();
  for (const edge of ['0.001', '0.002', '0.005', '0.01', '0.025']) {
    expect(text).toContain(`corridor_stage_seconds_bucket{le="${edge}",stage="receive"}`);
  }
});

it('begins what only failures count at zero, so that the first of them is an increase', async () => {
  const text = await createMetrics().registry.metrics();
  for (const stage of STAGES) expect(text).toContain(`corridor_stage_errors_total{stage="${stage}"} 0`);
  for (const code of Object.keys(ERRORS)) expect(text).toContain(`corridor_problems_total{code="${code}"} 0`);
  expect(text).toContain('corridor_quarantined_total{source="message"} 0');
  expect(text).toContain('corridor_answer_seconds_bucket{le="0.025",outcome="pending",route="single"} 0');
});

it('counts a declaration that is turned away as an error of its receipt, a missing page as none', async () => {
  const metrics = createMetrics();
  metrics.countProblem('invalid_declaration');
  metrics.countProblem('internal');
  metrics.countProblem('not_found');
  const { values } = await metrics.stageErrors.get();
  const counted = values.filter(({ value }) => value > 0).map(({ labels, value }) => [labels.stage, value]);
  expect(counted).toEqual([
    ['receive', 1],
    ['answer', 1],
  ]);
});

it('has no label that could name a profile, a score or a category', async () => {
  const text = await createMetrics().registry.metrics();
  const names = (await createMetrics().registry.getMetricsAsJSON())
    .map(({ name }) => name)
    .filter((name) => name.startsWith('corridor_'));
  expect(names.length).toBeGreaterThan(20);
  expect(text).not.toMatch(/[{,](profile|score|category|party)=/);
});

it('logs follow the request and hide what is confidential', () => {
  const lines: string[] = [];
  const log = createLog('info', { write: (line) => void lines.push(line) });
  log.info({ trace: 'r-1', reasons: ['UV-001'], answer: { score: 0.5, category: 'high' } }, 'decided');
  const line = JSON.parse(lines[0] ?? '{}');
  expect(line).toMatchObject({ level: 'info', trace: 'r-1', msg: 'decided', reasons: '[confidential]' });
  expect(line.answer).toEqual({ score: '[confidential]', category: '[confidential]' });
});
