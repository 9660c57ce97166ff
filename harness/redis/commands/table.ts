import type { Command } from '../command.ts';
import { printed } from '../refusal.ts';
import { connectionCommands } from './connection.ts';
import { hashCommands } from './hashes.ts';
import { keyCommands } from './keys.ts';
import { listCommands } from './lists.ts';
import { pubSubCommands } from './pub-sub.ts';
import { serverCommands } from './server.ts';
import { setCommands } from './sets.ts';
import { sortedSetCommands } from './sorted-sets.ts';
import { streamGroupCommands } from './stream-groups.ts';
import { streamInformationCommands } from './stream-information.ts';
import { streamReadingCommands } from './stream-reading.ts';
import { streamCommands } from './streams.ts';
import { stringCommands } from './strings.ts';
import { transactionCommands } from './transactions.ts';

const table: ReadonlyMap<string, Command> = new Map(
  [
    connectionCommands,
    serverCommands,
    transactionCommands,
    pubSubCommands,
    keyCommands,
    stringCommands,
    hashCommands,
    listCommands,
    setCommands,
    sortedSetCommands,
    streamCommands,
    streamReadingCommands,
    streamGroupCommands,
    streamInformationCommands,
  ]
    .flat()
    .map((command) => [command.name, command]),
);

export const commandCount = table.size;

/** Every command that is known; a subcommand's name after a bar. */
export function commandNames(): string[] {
  return [...table.values()].flatMap(({ name, subcommands }) =>
    subcommands === undefined ? [name] : [...subcommands.values()].map((each) => each.name),
  );
}

/** The command that is called, or the text of the error where there is none. */
export function commandOf(args: readonly string[]): Command | string {
  const name = args[0] ?? '';
  const command = table.get(name) ?? table.get(name.toLowerCase());
  if (command === undefined) return unknownCommand(name, args);
  const sub = args[1];
  if (command.subcommands === undefined || sub === undefined) return command;
  return (
    command.subcommands.get(sub.toLowerCase()) ??
    `ERR unknown subcommand '${printed(sub).slice(0, 128)}'. Try ${printed(name).toUpperCase()} HELP.`
  );
}

function unknownCommand(name: string, args: readonly string[]): string {
  let shown = '';
  for (let i = 1; i < args.length && shown.length < 128; i++) {
    shown += `'${printed(args[i] ?? '').slice(0, 128 - shown.length)}' `;
  }
  return `ERR unknown command '${printed(name).slice(0, 128)}', with args beginning with: ${shown}`;
}
