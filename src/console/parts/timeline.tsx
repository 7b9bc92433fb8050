import type { History, Version } from '../api.ts';
import { query } from '../client.ts';
import { useWords } from '../context.ts';
import { Mark, standingOf } from './mark.tsx';

/** Every version of a declaration, the newest first, with what came of it. */
export function Timeline({ history, shown, submitter }: { history: History; shown: number; submitter: string | null }) {
  const words = useWords();
  const versions = [...history.versions].sort((a, b) => b.version - a.version);
  return (
    <section>
      <h2>{words.text('declaration.versions')}</h2>
      <ol class="timeline" reversed>
        {versions.map((each) => (
          <li key={each.version} aria-current={each.version === shown ? 'step' : undefined}>
            <a href={query({ submitter, version: each.version })}>
              {words.text('declarations.version', { version: each.version })}
            </a>{' '}
            <Mark of={standingOf(each.corridor, each.outcome)} />
            <When version={each} />
          </li>
        ))}
      </ol>
    </section>
  );
}

function When({ version: { receivedAt, decidedAt } }: { version: Version }) {
  const words = useWords();
  const at = decidedAt ?? receivedAt;
  if (at == null) return null;
  return (
    <time class="quiet" dateTime={at}>
      {words.date(at)}
    </time>
  );
}
