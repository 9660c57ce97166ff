import type { Recipe } from './recipe.ts';

/** Names of properties that are no text, or that mean something to the language. */
export const keys: readonly Recipe[] = [
  {
    name: 'symbol-key',
    shape:
      'an object {id: "row-2"} with a further property that is named by a unique token and holds "tenant-1"',
    data: { id: 'row-2' },
    foreign: [['Symbol(tenant)']],
    make: () => ({ id: 'row-2', [Symbol('tenant')]: 'tenant-1' }),
  },
  {
    name: 'prototype-key',
    shape:
      'an object with the own property `__proto__`, the text "polluted", as parsers make it of such JSON',
    data: ownPrototypeKey('polluted'),
    foreign: [],
    make: () => ownPrototypeKey('polluted'),
  },
  {
    name: 'prototype-key-in-depth',
    shape:
      'an object {id: "row-3", settings} whose `settings` has the own property `__proto__`, an object {admin: true}',
    data: { id: 'row-3', settings: ownPrototypeKey({ admin: true }) },
    foreign: [],
    make: () => ({ id: 'row-3', settings: ownPrototypeKey({ admin: true }) }),
  },
  {
    name: 'constructor-key',
    shape: 'an object whose properties `constructor`, `toString`, `valueOf` and `toJSON` are texts',
    data: { constructor: 'Acme', toString: 'words', valueOf: 'worth', toJSON: 'no' },
    foreign: [],
    make: () => ({ constructor: 'Acme', toString: 'words', valueOf: 'worth', toJSON: 'no' }),
  },
];

/** A spread or an assignment would change the prototype in its place. */
function ownPrototypeKey(value: string | { admin: boolean }) {
  return Object.defineProperty({}, '__proto__', {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}
