import { useEffect } from 'preact/hooks';
import { type Decision, type History, isControl } from '../api.ts';
import { client, type DeclarationAddress, query } from '../client.ts';
import { useApp, useWords } from '../context.ts';
import type { Words } from '../messages.ts';
import { lookOf, Shape, type Standing, standingOf } from '../parts/mark.tsx';
import { Page } from '../parts/page.tsx';
import { Measures, Reasons } from '../parts/reasons.tsx';
import { Failure, Loading } from '../parts/states.tsx';
import { Timeline } from '../parts/timeline.tsx';
import { useResource } from '../resource.ts';

/** A decision takes milliseconds: what is pending after so many looks waits for something else. */
const PENDING_POLL_MS = 3_000;

interface Shown {
  readonly history: History;
  readonly decision: Decision;
}

async function load(address: DeclarationAddress, signal: AbortSignal): Promise<Shown> {
  const [history, decision] = await Promise.all([client.history(address, signal), client.decision(address, signal)]);
  return { history, decision };
}

/** The answer first: where the goods stand and what is to be done; then why; then how it came. */
export function DeclarationPage({ id, query: asked }: { id: string; query: URLSearchParams }) {
  const { words, session } = useApp();
  const submitter = asked.get('submitter');
  const version = Number(asked.get('version')) || null;
  const key = query({ id, submitter, version });
  const { value, error, reload } = useResource(key, (signal) => load({ id, submitter, version }, signal));
  const pending = value !== null && !isControl(value.decision) && value.decision.outcome === 'pending';
  useEffect(() => {
    if (!pending) return;
    const timer = setInterval(reload, PENDING_POLL_MS);
    return () => clearInterval(timer);
  }, [pending, reload]);

  // A trader is asked for no submitter: it looks among its own.
  const own = error?.kind === 'not_found' && !session.may?.includes('latest');
  const missing = own ? words.text('declaration.notYours') : undefined;

  return (
    <Page title="declaration.title" values={{ id }}>
      {value === null && error === null && <Loading />}
      {value === null && error !== null && (
        <>
          <Failure error={error} text={missing} retry={reload} />
          <p>
            <a href="/declarations">{words.text('declaration.another')}</a>
          </p>
        </>
      )}
      {value !== null && error !== null && <p role="alert">{words.text(`failure.${error.kind}.title`)}</p>}
      {value !== null && <Answer shown={value} submitter={submitter} />}
    </Page>
  );
}

function Answer({ shown: { history, decision }, submitter }: { shown: Shown; submitter: string | null }) {
  const { words, session } = useApp();
  const control = isControl(decision) ? decision : null;
  const standing = control?.corridor ?? standingOf(null, isControl(decision) ? '' : decision.outcome);
  const latest = history.versions.reduce((newest, each) => Math.max(newest, each.version), 0);
  const official = session.may?.includes('latest') ?? false;
  return (
    <>
      {decision.version < latest && (
        <p role="note" class="banner">
          {words.text('declaration.superseded', { version: decision.version, latest })}
        </p>
      )}
      <section class={`answer ${lookOf(standing)}`} aria-label={words.text('declaration.answer')}>
        <Shape of={standing} />
        <div>
          <p class="verdict">{words.ofCode('standing', standing)}</p>
          <p>{nextStep(words, standing, official)}</p>
        </div>
      </section>
      <div class="columns wide-left">
        <div>
          {control !== null && <Measures measures={control.measures} reasons={control.reasons} />}
          {control !== null && <Reasons reasons={control.reasons} />}
        </div>
        <aside>
          <Facts decision={decision} submitter={submitter} />
          <Timeline history={history} shown={decision.version} submitter={submitter} />
        </aside>
      </div>
    </>
  );
}

/** What to do now: an official at the goods, or a trader who waits for them. */
function nextStep(words: Words, standing: Standing, official: boolean): string {
  return words.ofCode(official ? 'official' : 'trader', standing);
}

function Facts({ decision, submitter }: { decision: Decision; submitter: string | null }) {
  const words = useWords();
  const control = isControl(decision) ? decision : null;
  return (
    <dl class="facts">
      <dt>{words.text('declaration.version')}</dt>
      <dd>{decision.version}</dd>
      {submitter !== null && <dt>{words.text('declarations.submitter')}</dt>}
      {submitter !== null && <dd>{submitter}</dd>}
      {control !== null && <dt>{words.text('declarations.decidedAt')}</dt>}
      {control !== null && (
        <dd>
          <time dateTime={control.decidedAt}>{words.date(control.decidedAt)}</time>
        </dd>
      )}
      {control?.score !== undefined && <dt>{words.text('declaration.score')}</dt>}
      {control?.score !== undefined && <dd>{words.percent(control.score * 100)}</dd>}
      {control?.expectedDamage !== undefined && <dt>{words.text('declaration.damage')}</dt>}
      {control?.expectedDamage !== undefined && <dd>{words.number(Number(control.expectedDamage))} KZT</dd>}
      {control?.policyVersion !== undefined && <dt>{words.text('declaration.policy')}</dt>}
      {control?.policyVersion !== undefined && <dd>{control.policyVersion}</dd>}
    </dl>
  );
}
