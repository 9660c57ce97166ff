import type { Defect } from '../../harness/scenario.ts';
import type { PipelineError } from '../../src/errors.ts';
import type { Parts } from '../../src/parts.ts';

/** What a check found missing once is missing for ever: each doomed run is refused at once, and each other one after it. */
const remembersOutages: Defect = {
  name: 'remembers-outages',
  kind: 'as-reported',
  story: 'Nobody reported it: it shows that the law over the calm is exercised after an outage, too.',
  breaks: [],
  passes: [],
  parts: (healthy: Parts) => ({
    ...healthy,
    createPrerequisites: (means) =>
      healthy.createPrerequisites({
        ...means,
        checks: means.checks.map((check) => {
          let missing: PipelineError | null = null;
          return {
            ...check,
            async find(asked) {
              missing ??= await check.find(asked);
              return missing;
            },
          };
        }),
      }),
  }),
};

export default remembersOutages;
