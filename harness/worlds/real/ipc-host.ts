import type { Decision, InsideHost } from '../../instrument/inside-host.ts';
import type { FromChild } from './child-messages.ts';

/** The director of the parent process, as the wrappers in the child see it. */
export interface IpcHost extends InsideHost {
  /** The parent's answer to a `meet`. */
  decided(call: number, decision: Decision): void;
}

export function ipcHost(play: number, tell: (message: FromChild) => void): IpcHost {
  const waiting = new Map<number, (decision: Decision) => void>();
  let calls = 0;
  return {
    meet: (draft) =>
      new Promise((resolve) => {
        const call = ++calls;
        waiting.set(call, resolve);
        tell({ did: 'meet', play, call, draft });
      }),
    fired: (meeting) => tell({ did: 'fire', play, meeting }),
    poisoned: (meeting, index) => tell({ did: 'poison', play, meeting, index }),
    passed: (meeting) => tell({ did: 'pass', play, meeting }),
    record: (draft) => tell({ did: 'record', play, draft }),
    decided(call, decision) {
      const go = waiting.get(call);
      waiting.delete(call);
      go?.(decision);
    },
  };
}
