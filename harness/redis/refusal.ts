/** A command that is answered with an error; the message is the error's text with its code. */
export class Refusal extends Error {
  constructor(text: string) {
    super(text);
    this.name = 'Refusal';
  }
}

export function wrongType(): Refusal {
  return new Refusal('WRONGTYPE Operation against a key holding the wrong kind of value');
}

export function syntaxError(): Refusal {
  return new Refusal('ERR syntax error');
}

/** `name` as Redis spells it: lower case, a subcommand after a bar. */
export function wrongArity(name: string): Refusal {
  return new Refusal(`ERR wrong number of arguments for '${name}' command`);
}

/** The part of a string of bytes that C would print. */
export function printed(bytes: string): string {
  const end = bytes.indexOf('\0');
  return end < 0 ? bytes : bytes.slice(0, end);
}
