import { webcrypto } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { errors, jwtVerify } from 'jose';
import { PipelineError } from '../errors.ts';
import { clientId, subprotocol } from '../messages.ts';
import type { Clock } from '../ports.ts';
import type { Revocations } from './revocations.ts';

/** Who is asking, as the token says. */
export interface Identity {
  readonly userId: string;
  /** Milliseconds since the Unix epoch at which the token ends. */
  readonly expiresAt: number;
  /** By which the token can be revoked; absent: only its end ends it. */
  readonly tokenId?: string;
  /** What the token's `scope` grants (RFC 8693 §4.2); absent: it has none. */
  readonly scopes?: readonly string[];
}

export interface Authenticator {
  /** Rejects with the AUTH_ code of the cause, or STORE_UNAVAILABLE. */
  identify(headers: IncomingHttpHeaders): Promise<Identity>;
  /** Whether a token that was good is good still. Rejects as `identify` does. */
  recheck(identity: Identity): Promise<void>;
}

export async function createAuthenticator(options: {
  readonly secret: string;
  readonly audience: string;
  readonly clock: Clock;
  readonly revocations: Revocations;
}): Promise<Authenticator> {
  const key = await webcrypto.subtle.importKey(
    'raw',
    new TextEncoder().encode(options.secret),
    { name: 'HMAC', hash: 'SHA-256' },
    false,
    ['verify'],
  );
  const verified = async (token: string): Promise<Identity> => {
    try {
      const { payload } = await jwtVerify(token, key, {
        algorithms: ['HS256'],
        audience: options.audience,
        requiredClaims: ['sub', 'exp'],
        currentDate: new Date(options.clock.now()),
      });
      // Its user and id become part of keys, so they keep to the alphabet of ids.
      const userId = clientId.safeParse(payload.sub);
      if (!userId.success) throw new PipelineError('AUTH_TOKEN_INVALID', { detail: 'sub' });
      const identity: Identity = {
        userId: userId.data,
        expiresAt: (payload.exp ?? 0) * 1000,
        ...(typeof payload.scope === 'string' ? { scopes: payload.scope.split(' ') } : {}),
      };
      if (payload.jti === undefined) return identity;
      const tokenId = clientId.safeParse(payload.jti);
      if (!tokenId.success) throw new PipelineError('AUTH_TOKEN_INVALID', { detail: 'jti' });
      return { ...identity, tokenId: tokenId.data };
    } catch (thrown) {
      throw authError(thrown);
    }
  };
  const recheck = async ({ userId, expiresAt, tokenId }: Identity): Promise<void> => {
    if (options.clock.now() >= expiresAt) throw new PipelineError('AUTH_TOKEN_EXPIRED');
    if (tokenId !== undefined && (await options.revocations.isRevoked(userId, tokenId)))
      throw new PipelineError('AUTH_TOKEN_REVOKED');
  };
  return {
    async identify(headers) {
      const token = tokenIn(headers);
      if (token === null) throw new PipelineError('AUTH_TOKEN_MISSING');
      const identity = await verified(token);
      await recheck(identity);
      return identity;
    },
    recheck,
  };
}

/** Names of the subprotocols that a client offers, in its order. */
export function offeredProtocols(headers: IncomingHttpHeaders): string[] {
  const header = headers['sec-websocket-protocol'];
  return header === undefined ? [] : header.split(',').map((name) => name.trim());
}

export function offersOurProtocol(headers: IncomingHttpHeaders): boolean {
  return offeredProtocols(headers).includes(subprotocol);
}

function tokenIn(headers: IncomingHttpHeaders): string | null {
  const bearer = /^Bearer +(.*)$/i.exec(headers.authorization ?? '')?.[1];
  const offered = offeredProtocols(headers).find((name) => name.startsWith('jwt.'));
  const token = bearer ?? offered?.slice('jwt.'.length) ?? '';
  return token === '' ? null : token;
}

function authError(thrown: unknown): PipelineError {
  if (thrown instanceof PipelineError) return thrown;
  if (thrown instanceof errors.JWTExpired) return new PipelineError('AUTH_TOKEN_EXPIRED', { cause: thrown });
  if (thrown instanceof errors.JWTClaimValidationFailed)
    return new PipelineError('AUTH_TOKEN_INVALID', { detail: claimOf(thrown.claim), cause: thrown });
  if (thrown instanceof errors.JWSSignatureVerificationFailed)
    return new PipelineError('AUTH_TOKEN_INVALID', { detail: 'signature', cause: thrown });
  if (thrown instanceof errors.JOSEAlgNotAllowed)
    return new PipelineError('AUTH_TOKEN_INVALID', { detail: 'algorithm', cause: thrown });
  if (thrown instanceof errors.JWSInvalid || thrown instanceof errors.JWTInvalid)
    return new PipelineError('AUTH_TOKEN_MALFORMED', { cause: thrown });
  if (thrown instanceof errors.JOSEError) return new PipelineError('AUTH_TOKEN_INVALID', { cause: thrown });
  return new PipelineError('INTERNAL', { cause: thrown });
}

/** A claim's name comes out of the token, so only known ones are repeated. */
function claimOf(claim: string): string {
  return ['aud', 'sub', 'exp', 'nbf', 'iat', 'jti'].includes(claim) ? claim : 'claims';
}
