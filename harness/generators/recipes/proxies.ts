import type { Recipe } from './recipe.ts';

/** Objects that answer in place of others. Whoever looks at one runs its code, or is thrown at. */
export const proxies: readonly Recipe[] = [
  {
    name: 'proxy',
    shape: 'a proxy without traps in front of the plain object {id: "watched-1", total: 12}',
    data: { id: 'watched-1', total: 12 },
    foreign: [],
    disguised: [[]],
    insideOnly: true,
    make: () => new Proxy({ id: 'watched-1', total: 12 }, {}),
  },
  {
    name: 'trapped-proxy',
    shape:
      'a proxy in front of the plain object {id: "watched-2", total: 12} that notes every look at it and passes it on, as a state library\'s does',
    data: { id: 'watched-2', total: 12 },
    foreign: [],
    disguised: [[]],
    insideOnly: true,
    make: ({ ran }) =>
      new Proxy(
        { id: 'watched-2', total: 12 },
        {
          get: (target, key, receiver) => {
            ran('trap get');
            return Reflect.get(target, key, receiver);
          },
          ownKeys: (target) => {
            ran('trap ownKeys');
            return Reflect.ownKeys(target);
          },
          getPrototypeOf: (target) => {
            ran('trap getPrototypeOf');
            return Reflect.getPrototypeOf(target);
          },
        },
      ),
  },
  {
    name: 'revoked-proxy',
    shape: 'a proxy that was revoked: whatever is asked of it throws',
    insideOnly: true,
    make: () => {
      const { proxy, revoke } = Proxy.revocable({ id: 'watched-3' }, {});
      revoke();
      return proxy;
    },
  },
  {
    name: 'mock',
    shape:
      "a test's stand-in for anything: a proxy that may be called, and whose every property, called or not, is itself",
    insideOnly: true,
    make: ({ ran }) => {
      const mock: object = new Proxy(() => {}, {
        get: (_, key) => {
          ran('trap get');
          // As text it has a name: else whoever joins strings would never come back.
          return key === Symbol.toPrimitive ? () => 'mock' : mock;
        },
        apply: () => {
          ran('trap apply');
          return mock;
        },
      });
      return mock;
    },
  },
];
