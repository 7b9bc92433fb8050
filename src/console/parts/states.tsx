import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { ClientError } from '../client.ts';
import { useApp, useWords } from '../context.ts';
import { destinationsOf } from '../destinations.ts';

/** Nobody sees that something loads when it is there at once. */
const PATIENCE_MS = 200;

/** A state in place of content: what it is, and the next step. */
export function State({ title, children }: { title?: string; children: ComponentChildren }) {
  return (
    <section class="state">
      {title !== undefined && <h2>{title}</h2>}
      {children}
    </section>
  );
}

export function Loading() {
  const words = useWords();
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <p class="loading" role="status">
      {shown && <span aria-busy="true">{words.text('state.loading')}</span>}
    </p>
  );
}

/** No page: not there, not for this user, or nothing for this role yet. */
export function Notice({ kind }: { kind: 'not_found' | 'forbidden' | 'nothing' }) {
  const { words, session } = useApp();
  const roles = (session.roles ?? []).map((role) => words.ofCode('role', role)).join(', ');
  return (
    <State>
      {roles !== '' && kind !== 'not_found' && <p>{words.text('state.roles', { roles })}</p>}
      <p>{words.text(`${kind}.text`)}</p>
      <ul>
        {destinationsOf(session).map(({ path, label }) => (
          <li key={path}>
            <a href={path}>{words.text(label)}</a>
          </li>
        ))}
      </ul>
    </State>
  );
}

interface FailureProps {
  readonly error: ClientError;
  /** In place of the usual text. */
  readonly text?: string | undefined;
  readonly retry: () => void;
}

/** Why there is nothing to see, in words that say what to do; the number of the request for whoever is asked for help. */
export function Failure({ error, text, retry }: FailureProps) {
  const words = useWords();
  const final = ['forbidden', 'not_found', 'set_aside'].includes(error.kind);
  return (
    <div role="alert">
      <State title={words.text(`failure.${error.kind}.title`)}>
        <p>{text ?? words.text(`failure.${error.kind}.text`)}</p>
        {!final && (
          <button type="button" onClick={retry}>
            {words.text('state.retry')}
          </button>
        )}
        {error.request !== null && <p class="quiet">{words.text('failure.request', { request: error.request })}</p>}
      </State>
    </div>
  );
}
