import { types } from 'node:util';

/** The name of an instance's class in letters that may stand anywhere, at most 50; runs no foreign code. */
export function classNameOf(instance: object): string {
  let holder: object | null = Object.getPrototypeOf(instance);
  for (let steps = 0; holder !== null && steps < 10 && !types.isProxy(holder); steps++) {
    const maker = Object.getOwnPropertyDescriptor(holder, 'constructor')?.value as unknown;
    if (typeof maker === 'function' && !types.isProxy(maker)) return cleanName(maker);
    holder = Object.getPrototypeOf(holder);
  }
  return 'anonymous';
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
