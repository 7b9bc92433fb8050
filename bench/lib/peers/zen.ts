import { type ZenDecision, ZenDecisionContent, ZenEngine } from '@gorules/zen-engine';
import type { Condition, PeerPolicy, PeerProfile } from './conditions.ts';
import type { LoadedPeer, Peer } from './peer.ts';

/**
 * A decision table of all declaration-level profiles, and one of all item-level profiles that runs once over the items
 * (its loop mode): a row per profile, one expression each, hit policy collect. Of the forms tried this is the fastest;
 * a column per field, an expression node and a call per item all take longer.
 */
function load(policy: PeerPolicy, content: (model: object) => ZenDecisionContent | object): LoadedPeer {
  const engine = new ZenEngine();
  const of = (level: PeerProfile['level']): ZenDecision => {
    const profiles = policy.profiles.filter((profile) => profile.level === level);
    return engine.createDecision(content(modelOf(profiles, level === 'item')));
  };
  const decisions = { declaration: of('declaration'), item: of('item') };
  return {
    prepare: (_, facts) => facts,
    async evaluate(prepared) {
      const [whole, items] = await Promise.all([
        decisions.declaration.evaluate(prepared && (prepared as { declaration: object }).declaration),
        decisions.item.evaluate({ items: (prepared as { items: object[] }).items }),
      ]);
      const hits = rowsOf(whole.result).map(({ id }) => `${id}:`);
      for (const [index, rows] of (items.result as unknown[]).entries()) {
        for (const { id } of rowsOf(rows)) hits.push(`${id}:${index}`);
      }
      return hits;
    },
  };
}

/** Its models compiled beforehand: `ZenDecisionContent`. */
export const zen: Peer = {
  name: '@gorules/zen-engine',
  profilesMax: 10_000,
  load: (policy) => load(policy, (model) => new ZenDecisionContent(Buffer.from(JSON.stringify(model)))),
};

/** As its README shows it: `createDecision(content)`. */
export const zenPlain: Peer = {
  name: '@gorules/zen-engine, not precompiled',
  profilesMax: 1000,
  load: (policy) => load(policy, (model) => Buffer.from(JSON.stringify(model))),
};

/** An empty collection comes back as null or an empty object, depending on the node. */
function rowsOf(result: unknown): readonly { readonly id: string }[] {
  return Array.isArray(result) ? result : [];
}

function modelOf(profiles: readonly PeerProfile[], loop: boolean): object {
  const node = (id: string, type: string, content: object): object => ({
    id,
    type,
    name: id,
    position: { x: 0, y: 0 },
    content,
  });
  const table = {
    hitPolicy: 'collect',
    inputs: [{ id: 'when', name: 'when' }],
    outputs: [{ id: 'id', name: 'id', field: 'id' }],
    rules: profiles.map(({ id, condition }) => ({ _id: id, when: textOf(condition), id: JSON.stringify(id) })),
    passThrough: false,
    executionMode: loop ? 'loop' : 'single',
    inputField: loop ? 'items' : null,
    outputPath: null,
  };
  return {
    nodes: [node('in', 'inputNode', {}), node('table', 'decisionTableNode', table), node('out', 'outputNode', {})],
    edges: [
      { id: 'a', type: 'edge', sourceId: 'in', targetId: 'table' },
      { id: 'b', type: 'edge', sourceId: 'table', targetId: 'out' },
    ],
  };
}

function textOf(condition: Condition): string {
  if ('all' in condition) return `(${condition.all.map(textOf).join(' and ')})`;
  if ('any' in condition) return `(${condition.any.map(textOf).join(' or ')})`;
  if ('not' in condition) return `not (${textOf(condition.not)})`;
  const { fact, operator, value } = condition;
  if (operator === 'startsWith') return `startsWith(${fact}, ${JSON.stringify(value)})`;
  return `${fact} ${operator} ${JSON.stringify(value)}`;
}
