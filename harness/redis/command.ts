import type { Session } from './session.ts';

/** One command, as the table of commands knows it. */
export interface Command {
  /** In lower case; a subcommand's after a bar (`xgroup|create`). */
  readonly name: string;
  /** How many arguments with the name itself; negative: at least so many. */
  readonly arity: number;
  /** The reply, or `noReply` where the session waits. `args[0]` is the name. Throws a Refusal. */
  readonly run: (session: Session, args: readonly string[]) => string;
  /** Runs at once between MULTI and EXEC, where others are queued. */
  readonly endsQueue?: true;
  /** May be used by a session that has subscribed to channels. */
  readonly whileSubscribed?: true;
  /** By lower-case second argument; `run` is then for calls without any. */
  readonly subcommands?: ReadonlyMap<string, Command>;
}

type Run = Command['run'];

export function command(name: string, arity: number, run: Run): Command {
  return { name, arity, run };
}

/** A command that consists of subcommands, each with its arity counted from the command's name on. */
export function container(
  name: string,
  subcommands: readonly [name: string, arity: number, run: Run][],
): Command {
  return {
    name,
    arity: -2,
    run: () => {
      throw new Error(`${name} was run without a subcommand.`);
    },
    subcommands: new Map(
      subcommands.map(([sub, arity, run]) => [sub, { name: `${name}|${sub}`, arity, run }]),
    ),
  };
}
