import type { Type } from './api.ts';
import { sameType } from './types.ts';

/** Changes of representation between static types and dyn, as JavaScript. */

type Convert = (js: string) => string;

const identity: Convert = (js) => js;

/** From a type to one that differs from it by dyn only. */
export function conversion(from: Type, to: Type): Convert {
  if (sameType(from, to)) return identity;
  if (to.kind === 'dyn') return tagging(from);
  if (from.kind === 'dyn') return untagging(to);
  if (from.kind === 'list' && to.kind === 'list') return overList(conversion(from.element, to.element));
  if (from.kind === 'map' && to.kind === 'map') {
    return overMap(conversion(from.key, to.key), conversion(from.value, to.value));
  }
  return identity;
}

/** To the tagged form. */
function tagging(type: Type): Convert {
  if (type.kind === 'int') return (js) => `BigInt(${js})`;
  if (type.kind === 'list') return overList(tagging(type.element));
  if (type.kind === 'map') return overMap(tagging(type.key), tagging(type.value));
  return identity;
}

/** From the tagged form; fails at run time where the value is of another type. */
function untagging(type: Type): Convert {
  const checked: Convert = (js) => `$.untag('${type.kind}', ${js})`;
  if (type.kind === 'list') return (js) => overList(untagging(type.element))(checked(js));
  if (type.kind === 'map') return (js) => overMap(untagging(type.key), untagging(type.value))(checked(js));
  return type.kind === 'dyn' ? identity : checked;
}

function overList(element: Convert): Convert {
  return element === identity ? identity : (js) => `${js}.map((_e) => ${element('_e')})`;
}

function overMap(key: Convert, value: Convert): Convert {
  if (key === identity && value === identity) return identity;
  return (js) => `$.tagMap(${js}, (_e) => ${key('_e')}, (_e) => ${value('_e')})`;
}
