import { Engine, type NestedCondition, type TopLevelCondition } from 'json-rules-engine';
import type { Condition, FactValues, PeerProfile } from './conditions.ts';
import type { Peer } from './peer.ts';

const OPERATORS = {
  '==': 'equal',
  '!=': 'notEqual',
  '<': 'lessThan',
  '<=': 'lessThanInclusive',
  '>': 'greaterThan',
  '>=': 'greaterThanInclusive',
  in: 'in',
  startsWith: 'startsWith',
} as const;

/** One engine for declarations and one for items; facts are handed over as plain values. */
export const jsonRules: Peer = {
  name: 'json-rules-engine',
  profilesMax: 1000,
  load({ profiles }) {
    const engines = {
      declaration: engineOf(profiles.filter(({ level }) => level === 'declaration')),
      item: engineOf(profiles.filter(({ level }) => level === 'item')),
    };
    return {
      prepare: (_, facts) => facts,
      async evaluate(prepared) {
        const { declaration, items } = prepared as { declaration: FactValues; items: readonly FactValues[] };
        const hits: string[] = [];
        for (const { type } of (await engines.declaration.run(declaration)).events) hits.push(`${type}:`);
        for (const [index, facts] of items.entries()) {
          for (const { type } of (await engines.item.run(facts)).events) hits.push(`${type}:${index}`);
        }
        return hits;
      },
    };
  },
};

function engineOf(profiles: readonly PeerProfile[]): Engine {
  const engine = new Engine();
  engine.addOperator<string, string>('startsWith', (text, start) => text.startsWith(start));
  for (const { id, condition } of profiles) {
    engine.addRule({ name: id, conditions: topLevel(condition), event: { type: id } });
  }
  return engine;
}

function topLevel(condition: Condition): TopLevelCondition {
  const made = conditionOf(condition);
  return 'fact' in made ? { all: [made] } : (made as TopLevelCondition);
}

function conditionOf(condition: Condition): NestedCondition {
  if ('all' in condition) return { all: condition.all.map(conditionOf) };
  if ('any' in condition) return { any: condition.any.map(conditionOf) };
  if ('not' in condition) return { not: conditionOf(condition.not) };
  return { fact: condition.fact, operator: OPERATORS[condition.operator], value: condition.value };
}
