import { useState } from 'preact/hooks';
import { send } from '../client.ts';
import { useWords } from '../context.ts';

/** Saves as a file what this address gives as CSV. */
export function Download({ path, name }: { path: string; name: string }) {
  const words = useWords();
  const [failed, setFailed] = useState(false);
  async function save(): Promise<void> {
    setFailed(false);
    const text = await send<string>(path, { headers: { accept: 'text/csv' } }).catch(() => null);
    if (text === null) return setFailed(true);
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([text], { type: 'text/csv' }));
    link.download = `${name}.csv`;
    link.click();
    URL.revokeObjectURL(link.href);
  }
  return (
    <>
      <button type="button" class="small" onClick={() => void save()}>
        {words.text('list.download')}
      </button>
      {failed && <span role="alert">{words.text('failure.error.title')}</span>}
    </>
  );
}
