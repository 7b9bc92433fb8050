import type { ComponentChild } from 'preact';
import { Fragment } from 'preact';

/** What is known of something, name by name; null: left out. */
export function Facts({ facts }: { facts: readonly (readonly [name: string, value: ComponentChild] | null)[] }) {
  return (
    <dl class="facts">
      {facts.map((fact) =>
        fact === null ? null : (
          <Fragment key={fact[0]}>
            <dt>{fact[0]}</dt>
            <dd>{fact[1]}</dd>
          </Fragment>
        ),
      )}
    </dl>
  );
}
