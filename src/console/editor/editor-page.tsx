import { useEffect, useMemo, useState } from 'preact/hooks';
import { RULE_LANGUAGE } from '../api.ts';
import type { ClientError } from '../client.ts';
import { useApp, useWords } from '../context.ts';
import { adopt } from '../pages/lazy.tsx';
import { Page } from '../parts/page.tsx';
import { Refusal } from '../parts/refusal.tsx';
import { Failure, Loading } from '../parts/states.tsx';
import { asClientError, useResource } from '../resource.ts';
import { editing } from './api.ts';
import { Builder } from './condition-field.tsx';
import styles from './editor.lazy.css';
import {
  begun,
  type Draftable,
  isComplete,
  NEW_PROFILE,
  opened,
  redone,
  type Steps,
  stepped,
  undone,
  withSettings,
  withText,
  withTree,
} from './form.ts';
import { Said } from './setting-fields.tsx';
import { Settings } from './settings.tsx';
import { TableView } from './table-view.tsx';
import { TextView } from './text-view.tsx';
import { TrialPanel } from './trial-panel.tsx';
import type { Dictionary, DraftHead, FormProblem, ProfileForm, SavedDraft } from './types.ts';
import { type Names, NamesContext } from './words.ts';

adopt(styles);

const NEW = 'new';
const VIEWS = ['builder', 'table', 'text'] as const;
type View = (typeof VIEWS)[number];

/** The editor of one profile in a draft: what it looks for, in three views of one condition; what follows; what it would do. */
export function EditorPage({ draft, profile }: { draft: string; profile: string }) {
  const head = useResource(`draft ${draft}`, (signal) => editing.draft(draft, signal));
  const form = useResource(`profile ${draft} ${profile}`, async (signal) =>
    profile === NEW ? NEW_PROFILE : (await editing.profile(draft, profile, signal)).profile,
  );
  const error = head.error ?? form.error;
  const values = { id: profile === NEW ? '…' : profile };
  return (
    <Page title={profile === NEW ? 'editor.new' : 'editor.title'} values={values}>
      {error !== null && <Failure error={error} retry={head.error === null ? form.reload : head.reload} />}
      {error === null && (head.value === null || form.value === null) && <Loading />}
      {head.value !== null && form.value !== null && (
        <Editor key={`${draft} ${profile}`} head={head.value} form={form.value} isNew={profile === NEW} />
      )}
    </Page>
  );
}

const OPEN: readonly string[] = ['draft', 'in_review', 'approved', 'rejected'];

function Editor({ head, form, isNew }: { head: DraftHead; form: ProfileForm; isNew: boolean }) {
  const { words, session } = useApp();
  const readOnly = !(session.may?.includes('author') ?? false) || !OPEN.includes(head.state);
  const [steps, setSteps] = useState<Steps<Draftable>>(() => begun(opened(form)));
  const [saved, setSaved] = useState<Draftable>(steps.present);
  const [revision, setRevision] = useState(head.revision);
  const [outcome, setOutcome] = useState<SavedDraft | ClientError | null>(null);
  const [view, setView] = useState<View>('builder');
  const [isFresh, setFresh] = useState(isNew);
  const present = steps.present;
  const isChanged = present.form !== saved.form || !isComplete(present);
  const dictionary = useResource(`dictionary ${head.id} ${present.form.level}`, (signal) =>
    editing.dictionary(head.id, present.form.level, signal),
  );
  const problems = useProblems(head.id, present, readOnly);
  const take = (next: Draftable, joined = false): void => {
    setSteps((before) => stepped(before, next, joined));
    setOutcome(null);
  };
  useLeaveGuard(isChanged && !readOnly);
  const save = async (): Promise<void> => {
    try {
      const answer = await editing.save(head.id, revision, present.form);
      setRevision(answer.revision);
      setSaved(present);
      setOutcome(answer);
      // The address of what is saved, without leaving the page.
      history.replaceState(null, '', `/drafts/${head.id}/profiles/${encodeURIComponent(present.form.id)}`);
      setFresh(false);
    } catch (error) {
      setOutcome(asClientError(error));
    }
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (!(event.ctrlKey || event.metaKey) || readOnly) return;
    if (event.key === 's' && isComplete(present)) void save();
    else if (event.key === 'z' && view !== 'text' && !isTyping(event)) setSteps(event.shiftKey ? redone : undone);
    else if (event.key === 'y' && view !== 'text' && !isTyping(event)) setSteps(redone);
    else return;
    event.preventDefault();
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: shortcuts of everything within
    <div class="editor" onKeyDown={onKeyDown}>
      <p>
        <a href={`/drafts/${head.id}`}>{head.title}</a>{' '}
        {readOnly && <span class="tag">{words.text('editor.readOnly')}</span>}
      </p>
      <div class="columns wide-left">
        <div>
          {dictionary.value === null ? (
            <Loading />
          ) : (
            <>
              <Condition
                present={present}
                view={view}
                setView={setView}
                dictionary={dictionary.value}
                readOnly={readOnly}
                problems={problems}
                take={take}
              />
              <Settings
                form={present.form}
                dictionary={dictionary.value}
                problems={problems}
                isNew={isFresh}
                readOnly={readOnly}
                change={(settings) => take(withSettings(present, settings), true)}
              />
            </>
          )}
          {!readOnly && (
            <p class="buttons">
              <button
                type="button"
                class="act"
                disabled={!isChanged || !isComplete(present) || present.form.id === ''}
                onClick={() => void save()}
              >
                {words.text('editor.save')}
              </button>
              <button type="button" class="small" disabled={steps.past.length === 0} onClick={() => setSteps(undone)}>
                {words.text('editor.undo')}
              </button>
              <button type="button" class="small" disabled={steps.future.length === 0} onClick={() => setSteps(redone)}>
                {words.text('editor.redo')}
              </button>
            </p>
          )}
          <Outcome outcome={outcome} draft={head.id} />
        </div>
        <TrialPanel
          draft={head.id}
          form={isComplete(present) && problems.length === 0 && present.form.id !== '' ? present.form : null}
        />
      </div>
    </div>
  );
}

/** Undo within a field is the browser's. */
function isTyping({ target }: KeyboardEvent): boolean {
  return target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;
}

interface ConditionProps {
  readonly present: Draftable;
  readonly view: View;
  setView(view: View): void;
  readonly dictionary: Dictionary;
  readonly readOnly: boolean;
  readonly problems: readonly FormProblem[];
  take(next: Draftable, joined?: boolean): void;
}

function Condition({ present, view, setView, dictionary, readOnly, problems, take }: ConditionProps) {
  const words = useWords();
  const isStale = present.textProblem !== null;
  const names = useMemo(
    (): Names => ({ dictionary, elements: [], readOnly: readOnly || isStale, nested }),
    [dictionary, readOnly, isStale],
  );
  const inText =
    present.textProblem !== null ? [present.textProblem] : problems.filter(({ setting }) => setting === 'when');
  return (
    <NamesContext.Provider value={names}>
      <div class="views" role="tablist" aria-label={words.text('editor.views')}>
        {VIEWS.map((each) => (
          <button
            key={each}
            type="button"
            role="tab"
            id={`view-${each}`}
            aria-selected={view === each}
            aria-controls="view"
            tabIndex={view === each ? 0 : -1}
            onClick={() => setView(each)}
            onKeyDown={({ key }) => {
              const step = key === 'ArrowRight' ? 1 : key === 'ArrowLeft' ? -1 : 0;
              const next = VIEWS[(VIEWS.indexOf(each) + step + VIEWS.length) % VIEWS.length] ?? each;
              if (step === 0) return;
              setView(next);
              document.getElementById(`view-${next}`)?.focus();
            }}
          >
            {words.ofCode('editorView', each)}
          </button>
        ))}
      </div>
      <div id="view" role="tabpanel" aria-labelledby={`view-${view}`} class="view">
        {isStale && view !== 'text' && <p class="fault">{words.text('editor.stale')}</p>}
        {view === 'builder' && <Builder tree={present.tree} change={(tree) => take(withTree(present, tree))} />}
        {view === 'table' && <TableView tree={present.tree} change={(tree) => take(withTree(present, tree))} />}
        {view === 'text' && (
          <TextView
            label={words.text('editor.text')}
            text={present.text}
            dictionary={dictionary}
            problems={inText}
            readOnly={readOnly}
            language={words.language === 'en' ? 'en' : 'ru'}
            change={(text) => {
              if (text !== present.text) take(withText(present, text), true);
            }}
          />
        )}
      </div>
      {present.missing !== null && (
        <p class="quiet" role="status" lang={RULE_LANGUAGE}>
          {words.text('editor.unfinished')} {present.missing}
        </p>
      )}
      {present.textProblem !== null && (
        <p class="fault" role="alert" lang={RULE_LANGUAGE}>
          {present.textProblem.line}:{present.textProblem.column} {present.textProblem.message}
        </p>
      )}
      <Said problems={problems} setting="when" />
    </NamesContext.Provider>
  );
}

const nested: Names['nested'] = (condition, change) => <Builder tree={condition} change={change} />;

const CHECK_MS = 250;

/** What is wrong with the form, a moment after it was changed; of what is not finished nothing is said. */
function useProblems(draft: string, present: Draftable, readOnly: boolean): readonly FormProblem[] {
  const [problems, setProblems] = useState<readonly FormProblem[]>([]);
  const complete = isComplete(present);
  useEffect(() => {
    if (!complete || readOnly) return;
    const abort = new AbortController();
    const timer = setTimeout(() => {
      editing.check(draft, present.form, abort.signal).then(
        (answer) => setProblems(answer.problems),
        // It is checked again when it is saved.
        () => undefined,
      );
    }, CHECK_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [draft, present.form, complete]);
  return complete ? problems : [];
}

/** Asks before a page with changes is left for good. */
function useLeaveGuard(isChanged: boolean): void {
  const words = useWords();
  useEffect(() => {
    if (!isChanged) return;
    const stay = (event: BeforeUnloadEvent): void => event.preventDefault();
    const ask = (event: MouseEvent): void => {
      const link = event.target instanceof Element ? event.target.closest('a') : null;
      if (link === null || link.target !== '' || confirm(words.text('editor.leave'))) return;
      event.preventDefault();
      event.stopPropagation();
    };
    addEventListener('beforeunload', stay);
    document.addEventListener('click', ask, { capture: true });
    return () => {
      removeEventListener('beforeunload', stay);
      document.removeEventListener('click', ask, { capture: true });
    };
  }, [isChanged, words]);
}

/** What came of saving. */
function Outcome({ outcome, draft }: { outcome: SavedDraft | ClientError | null; draft: string }) {
  const words = useWords();
  if (outcome === null) return null;
  if (outcome instanceof Error) return <Refusal error={outcome} />;
  const left = [...outcome.problems, ...outcome.failures];
  return (
    <div role="status">
      <p>
        {words.text('editor.saved', { revision: outcome.revision })}{' '}
        <a href={`/drafts/${draft}`}>{words.text('editor.toDraft')}</a>
      </p>
      {left.length > 0 && (
        <ul class="fault" lang={RULE_LANGUAGE}>
          {left.map(({ file, line, message }) => (
            <li key={`${file}:${line} ${message}`}>
              <code>
                {file}:{line}
              </code>{' '}
              {message}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
