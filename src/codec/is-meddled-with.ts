/**
 * True where somebody hung something on the prototypes of all objects or arrays that makes plain data other than
 * it seems: a `toJSON` would be called for every value, a `value` stand in every descriptor of an accessor, a tag
 * name every object.
 */
export function isMeddledWith(): boolean {
  return (
    'toJSON' in Object.prototype ||
    'value' in Object.prototype ||
    Symbol.toStringTag in Object.prototype ||
    Object.hasOwn(Array.prototype, 'toJSON')
  );
}
