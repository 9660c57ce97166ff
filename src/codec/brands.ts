import { types } from 'node:util';
import { inheritsFrom } from './prototypes.ts';

/**
 * What kind of built-in an object really is, by its internal slots: a changed prototype, a lying
 * `Symbol.toStringTag` or `Symbol.hasInstance` deceives none of these, and none runs foreign code
 * (`types.isKeyObject` would: it reads a property). The object must not be a proxy.
 */
export type Brand =
  | 'plain'
  | 'map'
  | 'set'
  | 'date'
  | 'error'
  | 'regular expression'
  | 'typed array'
  | 'array buffer'
  | 'data view'
  | 'boxed value'
  | 'address'
  | Opaque;

/** Built-ins that hold nothing that could be written as data. */
export type Opaque =
  | 'promise'
  | 'weak map'
  | 'weak set'
  | 'weak reference'
  | 'generator'
  | 'iterator'
  | 'module namespace'
  | 'shared memory'
  | 'native handle';

export function brandOf(object: object): Brand {
  if (types.isMap(object)) return 'map';
  if (types.isSet(object)) return 'set';
  if (types.isDate(object)) return 'date';
  if (types.isNativeError(object)) return 'error';
  if (types.isRegExp(object)) return 'regular expression';
  if (types.isTypedArray(object)) return 'typed array';
  if (types.isArrayBuffer(object)) return 'array buffer';
  if (types.isSharedArrayBuffer(object)) return 'shared memory';
  if (types.isDataView(object)) return 'data view';
  if (types.isBoxedPrimitive(object)) return 'boxed value';
  if (types.isPromise(object)) return 'promise';
  if (types.isWeakMap(object)) return 'weak map';
  if (types.isWeakSet(object)) return 'weak set';
  if (types.isGeneratorObject(object)) return 'generator';
  if (types.isMapIterator(object) || types.isSetIterator(object)) return 'iterator';
  if (types.isModuleNamespaceObject(object)) return 'module namespace';
  if (types.isExternal(object)) return 'native handle';
  // For these two there is no cheap question, and an answer of no is a throw: only where the prototype says so.
  if (inheritsFrom(object, WeakRef.prototype) && answers(object, WeakRef.prototype.deref))
    return 'weak reference';
  if (inheritsFrom(object, URL.prototype) && answers(object, URL.prototype.toString)) return 'address';
  return 'plain';
}

/**
 * True for an object that has the prototype of a plain one, and is none: `JSON.stringify` would write its
 * properties as all there is. It must have no symbol keys. What holds no data (a promise, a weak map) is looked for
 * where there are no properties.
 */
export function isDisguised(object: object, keys: number): boolean {
  if (keys === 0) return brandOf(object) !== 'plain';
  // `JSON.rawJSON`, where the engine has it, makes an object of this one property that is written as other data.
  if (keys === 1 && Object.hasOwn(object, 'rawJSON')) return true;
  return (
    types.isMap(object) ||
    types.isSet(object) ||
    ArrayBuffer.isView(object) ||
    Object.prototype.toString.call(object) !== '[object Object]'
  );
}

function answers(object: object, method: () => unknown): boolean {
  try {
    method.call(object);
    return true;
  } catch {
    return false;
  }
}
