import { BODY_DEPTH_MAX } from '../limits.ts';

/** Kinds of MessagePack heads, by what follows them (https://github.com/msgpack/msgpack/blob/master/spec.md). */
type Head =
  | { readonly kind: 'scalar'; readonly size: number }
  | { readonly kind: 'text' | 'list' | 'map'; readonly lengthBytes: number };

const HEADS: Readonly<Record<number, Head>> = {
  192: { kind: 'scalar', size: 0 },
  194: { kind: 'scalar', size: 0 },
  195: { kind: 'scalar', size: 0 },
  202: { kind: 'scalar', size: 4 },
  203: { kind: 'scalar', size: 8 },
  204: { kind: 'scalar', size: 1 },
  205: { kind: 'scalar', size: 2 },
  206: { kind: 'scalar', size: 4 },
  207: { kind: 'scalar', size: 8 },
  208: { kind: 'scalar', size: 1 },
  209: { kind: 'scalar', size: 2 },
  210: { kind: 'scalar', size: 4 },
  211: { kind: 'scalar', size: 8 },
  217: { kind: 'text', lengthBytes: 1 },
  218: { kind: 'text', lengthBytes: 2 },
  219: { kind: 'text', lengthBytes: 4 },
  220: { kind: 'list', lengthBytes: 2 },
  221: { kind: 'list', lengthBytes: 4 },
  222: { kind: 'map', lengthBytes: 2 },
  223: { kind: 'map', lengthBytes: 4 },
};

/**
 * Walks one MessagePack value without building it: what is wrong with it, or null. Text, numbers, booleans, nil,
 * lists and maps are plain; binary and extension types are not. A list or map cannot declare more entries than there
 * are bytes left, nor nest deeper than BODY_DEPTH_MAX.
 */
export function faultOfMessagePack(bytes: Uint8Array): string | null {
  const { byteLength } = bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, byteLength);
  /** Values still to come, at each open level. */
  const open: number[] = [];
  let at = 0;
  let left = 1;
  for (;;) {
    while (left === 0) {
      const outer = open.pop();
      if (outer === undefined) return at === byteLength ? null : `${byteLength - at} bytes follow its end`;
      left = outer;
    }
    left -= 1;
    if (at >= byteLength) return 'it is cut short';
    const first = view.getUint8(at++);
    let entries = 0;
    if (first < 0x80 || first >= 0xe0) continue;
    if (first < 0x90) entries = (first & 0x0f) * 2;
    else if (first < 0xa0) entries = first & 0x0f;
    else if (first < 0xc0) at += first & 0x1f;
    else {
      const head = HEADS[first];
      if (head === undefined) return `byte ${at - 1} begins a binary or extension value`;
      if (head.kind === 'scalar') at += head.size;
      else {
        if (at + head.lengthBytes > byteLength) return 'it is cut short';
        const length = readLength(view, at, head.lengthBytes);
        at += head.lengthBytes;
        if (head.kind === 'text') at += length;
        else entries = head.kind === 'map' ? length * 2 : length;
      }
    }
    if (at > byteLength || entries > byteLength - at) return 'it is cut short';
    if (entries === 0) continue;
    if (open.length >= BODY_DEPTH_MAX) return `it nests deeper than ${BODY_DEPTH_MAX}`;
    open.push(left);
    left = entries;
  }
}

function readLength(view: DataView, at: number, bytes: number): number {
  if (bytes === 1) return view.getUint8(at);
  return bytes === 2 ? view.getUint16(at) : view.getUint32(at);
}
