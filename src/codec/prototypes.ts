import { types } from 'node:util';

/** The name of an instance's class in letters that may stand anywhere, at most 50; runs no foreign code. */
export function classNameOf(instance: object): string {
  for (const prototype of prototypesOf(instance)) {
    const maker = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value as unknown;
    if (typeof maker === 'function' && !types.isProxy(maker)) return cleanName(maker);
  }
  return 'anonymous';
}

/** True where a prototype is among those of an object; runs no foreign code, as `instanceof` may. */
export function inheritsFrom(object: object, prototype: object): boolean {
  for (const above of prototypesOf(object)) if (above === prototype) return true;
  return false;
}

/** A text that an object or its prototypes hold as data; runs no getter. */
export function textIn(object: object, key: string): string | undefined {
  for (const holder of [object, ...prototypesOf(object)]) {
    const property = Object.getOwnPropertyDescriptor(holder, key);
    if (property !== undefined) return typeof property.value === 'string' ? property.value : undefined;
  }
  return undefined;
}

/** From the nearest up, as far as they can be seen without touching a proxy, and at most ten. */
function prototypesOf(object: object): object[] {
  const found: object[] = [];
  let above: object | null = Object.getPrototypeOf(object);
  while (above !== null && found.length < 10 && !types.isProxy(above)) {
    found.push(above);
    above = Object.getPrototypeOf(above);
  }
  return found;
}

function cleanName(maker: object): string {
  const name = Object.getOwnPropertyDescriptor(maker, 'name')?.value as unknown;
  if (typeof name !== 'string') return 'anonymous';
  return (
    name
      .slice(0, 200)
      .replace(/[^A-Za-z0-9_$]/g, '')
      .slice(0, 50) || 'anonymous'
  );
}
