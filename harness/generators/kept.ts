import fc from 'fast-check';

/**
 * Always true when generated, false when shrunk: for a part that every generated case has (the bystander,
 * the clean request afterwards) and that the smallest case may do without.
 */
export const kept: fc.Arbitrary<boolean> = new (class extends fc.Arbitrary<boolean> {
  override generate(): fc.Value<boolean> {
    return new fc.Value(true, undefined);
  }

  override canShrinkWithoutContext(value: unknown): value is boolean {
    return typeof value === 'boolean';
  }

  override shrink(value: boolean): fc.Stream<fc.Value<boolean>> {
    return value ? fc.Stream.of(new fc.Value(false, undefined)) : fc.Stream.nil();
  }
})();
