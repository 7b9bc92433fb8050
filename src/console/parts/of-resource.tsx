import type { ComponentChildren } from 'preact';
import { useWords } from '../context.ts';
import type { Resource } from '../resource.ts';
import { Failure, Loading, State } from './states.tsx';

/** What was asked for, or why it is not there; where asking again failed, what there was, with a word about it. */
export function Of<T>({ resource, children }: { resource: Resource<T>; children: (value: T) => ComponentChildren }) {
  const words = useWords();
  const { value, error, reload } = resource;
  if (value === null) {
    if (error === null) return <Loading />;
    if (error.kind !== 'not_found') return <Failure error={error} retry={reload} />;
    return (
      <State title={words.text('rules.notFoundTitle')}>
        <p>{words.text('rules.notFound')}</p>
      </State>
    );
  }
  return (
    <>
      {error !== null && <p role="alert">{words.text(`failure.${error.kind}.title`)}</p>}
      {children(value)}
    </>
  );
}
