import type { Defect } from '../../harness/scenario.ts';
import { PipelineError } from '../../src/errors.ts';

/** A pipeline that never trusts its store again once that has failed: safe, and of no use after any storm. */
const staysDown: Defect = {
  name: 'stays-down',
  kind: 'as-reported',
  story: 'Nobody reported it: it shows that the law over the calm is more than the absence of losses.',
  breaks: [],
  passes: [],
  parts: (healthy) => ({
    ...healthy,
    gateway: {
      ...healthy.gateway,
      createDelivery: (means) => {
        let hasFailed = false;
        const delivery = healthy.gateway.createDelivery({
          ...means,
          witness: {
            ...means.witness,
            storeFailed: (what, run, thrown) => {
              hasFailed = true;
              means.witness.storeFailed(what, run, thrown);
            },
          },
        });
        return {
          ...delivery,
          accept: async (run, outlet) => {
            if (hasFailed) throw new PipelineError('STORE_UNAVAILABLE', { detail: 'it failed once' });
            return delivery.accept(run, outlet);
          },
        };
      },
    },
  }),
};

export default staysDown;
