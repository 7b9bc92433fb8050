import { useEffect, useRef, useState } from 'preact/hooks';
import { useApp } from '../context.ts';
import { destinationsOf } from '../destinations.ts';
import { shortcutsAreOn, switchShortcuts } from '../shortcuts.ts';

/** The shortcuts, and a switch for them. */
export function Help({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { words, session } = useApp();
  const dialog = useRef<HTMLDialogElement>(null);
  const [on, setOn] = useState(shortcutsAreOn);
  useEffect(() => {
    if (open) dialog.current?.showModal();
    else dialog.current?.close();
  }, [open]);

  const places = destinationsOf(session).map(({ key, label }) => [`g ${key}`, words.text(label)] as const);
  const keys = [
    ['?', words.text('help.help')],
    ['/', words.text('help.search')],
    ...places,
    ['j', words.text('help.down')],
    ['k', words.text('help.up')],
    ['Esc', words.text('help.close')],
  ] as const;
  return (
    <dialog ref={dialog} aria-labelledby="help" onClose={onClose}>
      <article>
        <h2 id="help">{words.text('help.title')}</h2>
        <table>
          <tbody>
            {keys.map(([key, text]) => (
              <tr key={key}>
                <th scope="row">
                  {key.split(' ').map((each) => (
                    <kbd key={each}>{each}</kbd>
                  ))}
                </th>
                <td>{text}</td>
              </tr>
            ))}
          </tbody>
        </table>
        <label>
          <input
            type="checkbox"
            role="switch"
            aria-checked={on}
            checked={on}
            onChange={({ currentTarget }) => {
              setOn(currentTarget.checked);
              switchShortcuts(currentTarget.checked);
            }}
          />
          {words.text('help.switch')}
        </label>
        <button type="button" onClick={onClose}>
          {words.text('help.done')}
        </button>
      </article>
    </dialog>
  );
}
