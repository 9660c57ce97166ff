import { types } from 'node:util';

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
  | 'boxed'
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
  | 'native handle';

export function brandOf(object: object): Brand {
  if (types.isMap(object)) return 'map';
  if (types.isSet(object)) return 'set';
  if (types.isDate(object)) return 'date';
  if (types.isNativeError(object)) return 'error';
  if (types.isRegExp(object)) return 'regular expression';
  if (types.isTypedArray(object)) return 'typed array';
  if (types.isAnyArrayBuffer(object)) return 'array buffer';
  if (types.isDataView(object)) return 'data view';
  if (types.isBoxedPrimitive(object)) return 'boxed';
  if (types.isPromise(object)) return 'promise';
  if (types.isWeakMap(object)) return 'weak map';
  if (types.isWeakSet(object)) return 'weak set';
  if (types.isGeneratorObject(object)) return 'generator';
  if (types.isMapIterator(object) || types.isSetIterator(object)) return 'iterator';
  if (types.isModuleNamespaceObject(object)) return 'module namespace';
  if (types.isExternal(object)) return 'native handle';
  if (Object.getPrototypeOf(object) !== Object.prototype && isWeakReference(object)) return 'weak reference';
  return 'plain';
}

/**
 * True for an object with the prototype of a plain one that is none, whatever it claims: `JSON.stringify`
 * would write it wrongly.
 */
export function isDisguised(object: object, prototype: object | null, ownKeys: number): boolean {
  if (types.isMap(object) || types.isSet(object)) return true;
  // Module namespaces have no prototype, nor have the frozen objects of JSON.rawJSON (Node 22 on).
  if (prototype === null && (types.isModuleNamespaceObject(object) || Object.isFrozen(object))) return true;
  // Dates, boxed values, promises and the like own no property: only an empty object can be one of them.
  return ownKeys === 0 && brandOf(object) !== 'plain';
}

function isWeakReference(object: object): boolean {
  try {
    WeakRef.prototype.deref.call(object as WeakRef<WeakKey>);
    return true;
  } catch {
    return false;
  }
}
