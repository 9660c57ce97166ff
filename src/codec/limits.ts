/**
 * What one value may take, at most. What is beyond is cut and named; encoding never fails for size. Decoding
 * refuses what is beyond its own, wider limits: encoded text is kept inside other text.
 */
export interface CodecLimits {
  /** Containers inside containers. */
  readonly depthMax: number;
  /** Values of any kind, containers and places of arrays included. */
  readonly valuesMax: number;
  /** Characters of text (keys and strings) before escaping. */
  readonly textMax: number;
  /** Alterations named one by one; what follows is named as one. */
  readonly alterationsMax: number;
  /** Containers inside containers in text to decode. */
  readonly decodedDepthMax: number;
  /** Characters of text to decode: more than any value takes once it is encoded. */
  readonly decodedTextMax: number;
}

export const codecLimits: CodecLimits = {
  depthMax: 200,
  valuesMax: 500_000,
  textMax: 4 * 1024 * 1024,
  alterationsMax: 1_000,
  decodedDepthMax: 256,
  decodedTextMax: 64 * 1024 * 1024,
};
