/** US dollars for a million tokens. */
export interface ModelPrice {
  readonly prompt: number;
  readonly completion: number;
}

/** The day for which the prices below were read. */
export const pricesAsOf = '2025-01-15';

// The providers' public list prices of that day, as an example: edit them to what you pay.
const prices: Readonly<Record<string, ModelPrice>> = {
  'gpt-4o': { prompt: 2.5, completion: 10 },
  'gpt-4o-mini': { prompt: 0.15, completion: 0.6 },
  'gpt-4-turbo': { prompt: 10, completion: 30 },
  'gpt-3.5-turbo': { prompt: 0.5, completion: 1.5 },
  'claude-3-5-sonnet': { prompt: 3, completion: 15 },
  'claude-3-5-haiku': { prompt: 0.8, completion: 4 },
  'gemini-1.5-pro': { prompt: 1.25, completion: 5 },
  'gemini-1.5-flash': { prompt: 0.075, completion: 0.3 },
};

/** A model's price; null where it is not known. */
export function priceOf(model: string): ModelPrice | null {
  return Object.hasOwn(prices, model) ? (prices[model] ?? null) : null;
}

/** The models whose prices are known. */
export const pricedModels: readonly string[] = Object.keys(prices);
