import type { ComponentChildren } from 'preact';
import { useId, useRef, useState } from 'preact/hooks';
import type { ClientError } from '../client.ts';
import { useWords } from '../context.ts';
import { asClientError } from '../resource.ts';
import { Refusal } from './refusal.tsx';

interface ActProps {
  /** On the button, and over the dialog. */
  readonly label: string;
  /** What will happen. */
  readonly text?: string;
  readonly reason?: 'required' | 'optional' | 'none';
  /** Label of the reason, where it is called something else. */
  readonly reasonLabel?: string;
  /** More to fill in: named fields of the form. */
  readonly children?: ComponentChildren;
  readonly primary?: boolean;
  run(form: FormData): Promise<unknown>;
  /** When it is done, and the dialog is closed. */
  done?(): void;
}

/** Something that changes the rules: asked once more, with its reason; a refusal stays in the dialog. */
export function Act({ label, text, reason = 'none', reasonLabel, children, primary = false, run, done }: ActProps) {
  const words = useWords();
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  const [error, setError] = useState<ClientError | null>(null);
  const [busy, setBusy] = useState(false);
  async function confirm(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    if (!(event.currentTarget instanceof HTMLFormElement) || busy) return;
    const form = event.currentTarget;
    setBusy(true);
    setError(null);
    try {
      await run(new FormData(form));
      form.reset();
      dialog.current?.close();
      done?.();
    } catch (cause) {
      setError(asClientError(cause));
    } finally {
      setBusy(false);
    }
  }
  return (
    <>
      <button type="button" class={primary ? 'act' : 'small'} onClick={() => dialog.current?.showModal()}>
        {label}
      </button>
      <dialog ref={dialog} aria-labelledby={id} onClose={() => setError(null)}>
        <article>
          <h2 id={id}>{label}</h2>
          {text !== undefined && <p>{text}</p>}
          <form onSubmit={confirm}>
            {children}
            {reason !== 'none' && (
              <label>
                {reasonLabel ?? words.text('act.reason')}
                <textarea name="reason" rows={3} maxLength={2000} required={reason === 'required'} />
              </label>
            )}
            {error !== null && <Refusal error={error} />}
            <div class="buttons">
              <button type="submit" aria-busy={busy}>
                {words.text('act.confirm')}
              </button>
              <button type="button" class="small" onClick={() => dialog.current?.close()}>
                {words.text('act.cancel')}
              </button>
            </div>
          </form>
        </article>
      </dialog>
    </>
  );
}

/** What the reason of a form says. */
export function reasonOf(form: FormData): string {
  return String(form.get('reason') ?? '').trim();
}
