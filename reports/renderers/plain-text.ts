/**
 * Text from anywhere, safe to show on a terminal: one line, without escape sequences, control characters
 * and characters that turn the direction of writing round.
 */
export function plain(text: string): string {
  return text
    .replace(escapes, '')
    .replace(/[\t\n\v\f\r]+/g, ' ')
    .replace(unshowable, '')
    .trim();
}

/** At most `width` characters; what was cut is shown as `…`. */
export function cut(text: string, width: number): string {
  const characters = [...text];
  return characters.length <= width ? text : `${characters.slice(0, Math.max(0, width - 1)).join('')}…`;
}

/** Words in lines of at most `width` characters, `indent` before each; a longer word is cut. */
export function wrapped(text: string, width: number, indent: string): string[] {
  const room = Math.max(10, width - indent.length);
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && [...longer].length > room) {
      lines.push(line);
      line = word;
    } else {
      line = longer;
    }
  }
  if (line !== '') lines.push(line);
  return lines.map((each) => indent + cut(each, room));
}

/** Control sequences of terminals, whole: CSI, OSC and other strings up to their end, two-character escapes. */
const escapes =
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|(?:\u001b[\]PX^_]|[\u009d\u0090\u0098\u009e\u009f])[^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)?|\u001b[ -/]*[0-~]/g;

/** Control characters, halves of characters, marks of direction, invisible joiners, noncharacters. */
const unshowable =
  /[\p{Cc}\p{Cs}\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ufffe\uffff]/gu;
