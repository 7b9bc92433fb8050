import { RULE_LANGUAGE } from '../api.ts';
import type { ClientError, Fault } from '../client.ts';
import { useWords } from '../context.ts';

/** Why the service did not do it, with every fault in its place: the node, or the file, line and column. */
export function Refusal({ error }: { error: ClientError }) {
  const words = useWords();
  const known = error.code !== null && error.kind === 'error';
  return (
    <div role="alert" class="fault">
      <strong>{known ? words.ofCode('refused', error.code ?? '') : words.text(`failure.${error.kind}.title`)}</strong>
      {error.message !== '' && known && <p lang={RULE_LANGUAGE}>{error.message}</p>}
      {error.faults.length > 0 && <Faults faults={error.faults} />}
    </div>
  );
}

export function Faults({ faults }: { faults: readonly Fault[] }) {
  return (
    <ul lang={RULE_LANGUAGE}>
      {faults.map((fault) => (
        <li key={`${placeOf(fault)} ${fault.message}`}>
          {placeOf(fault) !== '' && <code>{placeOf(fault)}</code>} {fault.message}
        </li>
      ))}
    </ul>
  );
}

function placeOf({ node, file, line, column }: Fault): string {
  const place = file === undefined ? '' : line === undefined ? file : `${file}:${line}:${column}`;
  return [node, place].filter((each) => each !== undefined && each !== '').join(' ');
}
