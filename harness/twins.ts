import type { Case } from './case.ts';
import type { Pattern } from './message.ts';

/** The same case with this user alone in it: what befalls others, or everybody, is left out. */
export function aloneIn(playing: Case, user: string): Case {
  const isOwn = ({ at }: { readonly at: Pick<Pattern, 'user'> }): boolean => at.user === user;
  const { process: _process, ...rest } = playing;
  return {
    ...rest,
    users: playing.users.filter(({ id }) => id === user),
    model: playing.model.filter((script) => script.user === user),
    faults: playing.faults.filter(isOwn),
    contaminations: playing.contaminations.filter(isOwn),
    schedule: playing.schedule.filter(({ hold, until }) => hold.user === user && until.user === user),
  };
}
