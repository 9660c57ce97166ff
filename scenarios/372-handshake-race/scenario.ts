import fc from 'fast-check';
import { withCalm } from '../../harness/generators/calm.ts';
import { races, slowAuthentication, withKnocks } from '../../harness/generators/knocks.ts';
import { entrances, ofUser, redisAils, redisKilled } from '../../harness/generators/process-faults.ts';
import { casePlans } from '../../harness/generators/workload.ts';
import type { Invariant } from '../../harness/invariant.ts';
import { earlyMessagesAreKeptOrRefused } from '../../harness/invariants/early-messages-are-kept-or-refused.ts';
import { everyAcceptedRunEnds } from '../../harness/invariants/every-accepted-run-ends.ts';
import { everyRefusalIsExplained } from '../../harness/invariants/every-refusal-is-explained.ts';
import { noEventIsSeenTwice } from '../../harness/invariants/no-event-is-seen-twice.ts';
import { nobodySeesAnothersValues } from '../../harness/invariants/nobody-sees-anothers-values.ts';
import { nobodyWithoutAValidTokenGetsIn } from '../../harness/invariants/nobody-without-a-valid-token-gets-in.ts';
import { nothingIsProcessedBeforeTheHandshake } from '../../harness/invariants/nothing-is-processed-before-the-handshake.ts';
import { serviceReturnsAfterTheStorm } from '../../harness/invariants/service-returns-after-the-storm.ts';
import type { Scenario } from '../../harness/scenario.ts';
import { connectionsMade, failuresNamed } from './metrics.ts';

const slowly = fc.oneof(
  { withCrossShrink: true },
  fc.constant([]),
  slowAuthentication.map((fault) => [fault]),
);

const invariants: readonly Invariant[] = [
  nothingIsProcessedBeforeTheHandshake,
  earlyMessagesAreKeptOrRefused,
  nobodyWithoutAValidTokenGetsIn,
  everyRefusalIsExplained,
  everyAcceptedRunEnds,
  noEventIsSeenTwice,
  nobodySeesAnothersValues,
];

const befallen = ofUser(fc.oneof(redisAils(...entrances), redisKilled(...entrances)));

const scenarios: readonly Scenario[] = [
  {
    id: '372/handshake-race',
    title: 'A message sent right after connecting closes the connection, or is lost',
    cases: withKnocks(casePlans({ faults: slowly }), races()),
    invariants,
    metrics: [connectionsMade, failuresNamed],
  },
  {
    id: '372/storm',
    title: 'Redis dies, stands still or is full while clients come in that do not wait',
    cases: withCalm(withKnocks(casePlans({ process: befallen.map((fault) => [fault]) }), races())),
    invariants: [...invariants, serviceReturnsAfterTheStorm],
    metrics: [failuresNamed],
  },
];

export default scenarios;
