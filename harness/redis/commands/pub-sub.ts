import { at } from '../arguments.ts';
import { type Command, command, container } from '../command.ts';
import { globOf } from '../glob.ts';
import { array, arrayHead, bulk, bulkOrNil, bulks, integer } from '../reply.ts';
import type { Session } from '../session.ts';

export const pubSubCommands: readonly Command[] = [
  command('publish', 3, (session, args) =>
    integer(session.redis.publications.publish(at(args, 1), at(args, 2))),
  ),
  { ...command('subscribe', -2, subscribe), whileSubscribed: true },
  { ...command('unsubscribe', -1, unsubscribe), whileSubscribed: true },
  { ...command('psubscribe', -2, subscribePatterns), whileSubscribed: true },
  { ...command('punsubscribe', -1, unsubscribePatterns), whileSubscribed: true },
  container('pubsub', [
    ['channels', -2, channels],
    ['numsub', -2, subscriberCounts],
    ['numpat', 2, (session) => integer(session.redis.publications.patternCount)],
  ]),
];

function subscribe(session: Session, args: readonly string[]): string {
  const replies = args.slice(1).map((channel) => {
    session.redis.publications.subscribe(session, channel);
    return change(session, 'subscribe', channel);
  });
  session.subscribed = true;
  return replies.join('');
}

function subscribePatterns(session: Session, args: readonly string[]): string {
  const replies = args.slice(1).map((pattern) => {
    session.redis.publications.subscribePattern(session, pattern);
    return change(session, 'psubscribe', pattern);
  });
  session.subscribed = true;
  return replies.join('');
}

function unsubscribe(session: Session, args: readonly string[]): string {
  const left = args.length > 1 ? args.slice(1) : [...session.channels];
  return ending(session, 'unsubscribe', left, (channel) =>
    session.redis.publications.unsubscribe(session, channel),
  );
}

function unsubscribePatterns(session: Session, args: readonly string[]): string {
  const left = args.length > 1 ? args.slice(1) : [...session.patterns];
  return ending(session, 'punsubscribe', left, (pattern) =>
    session.redis.publications.unsubscribePattern(session, pattern),
  );
}

function ending(
  session: Session,
  kind: string,
  names: readonly string[],
  end: (name: string) => void,
): string {
  const replies = names.map((name) => {
    end(name);
    return change(session, kind, name);
  });
  if (subscriptions(session) === 0) session.subscribed = false;
  return replies.length === 0 ? change(session, kind, undefined) : replies.join('');
}

function change(session: Session, kind: string, name: string | undefined): string {
  return arrayHead(3) + bulk(kind) + bulkOrNil(name) + integer(subscriptions(session));
}

function subscriptions(session: Session): number {
  return session.channels.size + session.patterns.size;
}

function channels(session: Session, args: readonly string[]): string {
  const pattern = args[2];
  const all = session.redis.publications.channels();
  return bulks(pattern === undefined ? all : all.filter(globOf(pattern)));
}

function subscriberCounts(session: Session, args: readonly string[]): string {
  const { publications } = session.redis;
  return array(
    args.slice(2).flatMap((channel) => [bulk(channel), integer(publications.subscribers(channel))]),
  );
}
