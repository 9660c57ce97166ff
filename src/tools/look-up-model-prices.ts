import { z } from 'zod';
import { defineTool } from './define-tool.ts';
import { pricedModels, priceOf, pricesAsOf } from './model-prices.ts';

/** List prices of models by name; a model that is not in the table is named as unknown. */
export const lookUpModelPrices = defineTool({
  name: 'look_up_model_prices',
  description:
    'List prices in US dollars for a million tokens. Without names: all models whose prices are known.',
  parameters: z.strictObject({ models: z.array(z.string().max(200)).max(100) }),
  async run({ models }) {
    const asked = models.length === 0 ? pricedModels : [...new Set(models)];
    return {
      as_of: pricesAsOf,
      prices: asked.flatMap((model) => {
        const price = priceOf(model);
        return price === null
          ? []
          : [{ model, prompt_usd_per_million: price.prompt, completion_usd_per_million: price.completion }];
      }),
      unknown_models: asked.filter((model) => priceOf(model) === null),
    };
  },
});
