import { RULE_LANGUAGE } from '../api.ts';
import { useWords } from '../context.ts';
import type { Change, Setting } from '../rules-api.ts';
import { Mark, standingOf } from './mark.tsx';

const TEXTS_SHOWN_MAX = 200;
/** Of so many files what differs stands open at once. */
const OPEN_MAX = 10;

/** What differs between two policies: file by file, setting by setting, conditions in outline. */
export function Changes({ changes, editAt }: { changes: readonly Change[]; editAt?: (profile: string) => string }) {
  const words = useWords();
  if (changes.length === 0) return <p>{words.text('changes.none')}</p>;
  return (
    <>
      {changes.map((change) => (
        <section key={change.file} class="change" aria-labelledby={`change-${change.file}`}>
          <div class="heading">
            <h3 id={`change-${change.file}`}>
              <code>{change.file}</code> <span class="tag">{words.ofCode('change', change.kind)}</span>
            </h3>
            {editAt !== undefined && profileOf(change) !== null && change.kind !== 'removed' && (
              <a href={editAt(profileOf(change) ?? '')}>{words.text('changes.edit')}</a>
            )}
          </div>
          {changes.length <= OPEN_MAX || change.settings.length === 0 ? (
            <Settings change={change} />
          ) : (
            <details>
              <summary>{words.text('changes.settings', { count: change.settings.length })}</summary>
              <Settings change={change} />
            </details>
          )}
        </section>
      ))}
    </>
  );
}

function profileOf({ file }: Change): string | null {
  return /^profiles\/(.+)\.yaml$/.exec(file)?.[1] ?? null;
}

function Settings({ change: { kind, settings } }: { change: Change }) {
  const words = useWords();
  if (settings.length === 0) return kind === 'changed' ? <p class="quiet">{words.text('changes.layout')}</p> : null;
  const shown = settings.slice(0, TEXTS_SHOWN_MAX);
  return (
    <div class="scroll">
      <table class="diff">
        <thead>
          <tr>
            <th scope="col">{words.text('changes.setting')}</th>
            {kind !== 'added' && <th scope="col">{words.text('changes.before')}</th>}
            {kind !== 'removed' && <th scope="col">{words.text('changes.after')}</th>}
          </tr>
        </thead>
        <tbody>
          {shown.map((setting, index) => (
            <tr key={`${setting.name} ${index}`}>
              <th scope="row">{words.ofCode('setting', setting.name)}</th>
              {kind !== 'added' && <Side setting={setting} side="before" />}
              {kind !== 'removed' && <Side setting={setting} side="after" />}
            </tr>
          ))}
        </tbody>
      </table>
      {settings.length > shown.length && (
        <p class="quiet">{words.text('changes.more', { count: settings.length - shown.length })}</p>
      )}
    </div>
  );
}

function Side({ setting, side }: { setting: Setting; side: 'before' | 'after' }) {
  const words = useWords();
  const value = setting[side];
  if (value === undefined) return <td class="quiet">–</td>;
  if (setting.name === 'corridor') return <td>{<Mark of={standingOf(String(value), '')} />}</td>;
  if (setting.name === 'target') return <td>{words.ofCode('target', String(value))}</td>;
  const other = linesOf(setting, side === 'before' ? 'after' : 'before');
  return (
    <td lang={RULE_LANGUAGE}>
      <Lines lines={linesOf(setting, side)} other={other} side={side} />
      {(setting.outline?.[side] ?? []).length > 0 && (
        <details>
          <summary>{words.text('changes.expression')}</summary>
          <pre>{plain(value)}</pre>
        </details>
      )}
    </td>
  );
}

/** In outline where it is a condition; none where it is not there. */
function linesOf(setting: Setting, side: 'before' | 'after'): readonly string[] {
  const outline = setting.outline?.[side] ?? [];
  if (outline.length > 0) return outline;
  return setting[side] === undefined ? [] : plain(setting[side]).split('\n');
}

/** Lines that the other side does not have are marked, with a sign and not by colour alone. */
function Lines({
  lines,
  other,
  side,
}: {
  lines: readonly string[];
  other: readonly string[];
  side: 'before' | 'after';
}) {
  const isTold = other.length > 0 && lines.length + other.length > 2;
  return (
    <pre>
      {lines.map((line, index) => {
        const isOwn = isTold && !other.includes(line);
        return (
          // Lines have no names, and may be alike.
          <div key={`${index} ${line}`} class={isOwn ? `own ${side}` : undefined}>
            {isTold && (isOwn ? (side === 'before' ? '− ' : '+ ') : '  ')}
            {line}
          </div>
        );
      })}
    </pre>
  );
}

/** Settings as people read them: a line for each, what belongs together indented. */
export function plain(value: unknown, indent = ''): string {
  if (Array.isArray(value)) {
    const simple = value.every((each) => typeof each !== 'object');
    return simple
      ? value.join(', ')
      : value.map((each) => `${indent}• ${plain(each, `${indent}  `).trimStart()}`).join('\n');
  }
  if (typeof value !== 'object' || value === null) return String(value ?? '–').trim();
  return Object.entries(value)
    .map(
      ([name, each]) =>
        `${indent}${name}: ${typeof each === 'object' ? `\n${plain(each, `${indent}  `)}` : String(each)}`,
    )
    .join('\n');
}
