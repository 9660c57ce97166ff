/** What one value may take, at most. What is beyond is cut and named; encoding never fails for size. */
export interface CodecLimits {
  /** Containers inside containers. */
  readonly depthMax: number;
  /** Values of any kind, containers and places of arrays included. */
  readonly valuesMax: number;
  /** Characters of text (keys and strings) before escaping. */
  readonly textMax: number;
  /** Alterations named one by one; what follows is named as one. */
  readonly alterationsMax: number;
}

export const codecLimits: CodecLimits = {
  depthMax: 200,
  valuesMax: 100_000,
  textMax: 4 * 1024 * 1024,
  alterationsMax: 1_000,
};
