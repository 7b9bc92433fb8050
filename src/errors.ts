/** Every error that leaves the service: its HTTP status, whether the same request may be sent again, its title. */
interface ErrorKind {
  readonly status: number;
  readonly retry: boolean;
  readonly title: string;
}

export const ERRORS = {
  malformed_body: { status: 400, retry: false, title: 'The body cannot be read' },
  invalid_declaration: { status: 422, retry: false, title: 'The declaration is not valid' },
  unsupported_media_type: { status: 415, retry: false, title: 'This media type is not accepted' },
  body_too_large: { status: 413, retry: false, title: 'The body is too large' },
  unauthenticated: { status: 401, retry: false, title: 'Sign in, or send a valid key or token' },
  forbidden: { status: 403, retry: false, title: 'You may not do this' },
  invalid_request: { status: 400, retry: false, title: 'The request is not valid' },
  not_found: { status: 404, retry: false, title: 'Not found' },
  method_not_allowed: { status: 405, retry: false, title: 'This method is not allowed here' },
  identity_conflict: { status: 409, retry: false, title: 'This identity was used for another declaration' },
  version_gap: { status: 409, retry: false, title: 'Versions must follow one another without a gap' },
  version_stale: { status: 409, retry: false, title: 'A later version of this declaration exists' },
  previous_version_pending: { status: 409, retry: true, title: 'The version before is not decided yet' },
  withdrawn: { status: 409, retry: false, title: 'This declaration has been withdrawn' },
  already_released: { status: 409, retry: false, title: 'Released goods cannot be withdrawn' },
  changed_meanwhile: { status: 409, retry: false, title: 'Somebody changed it meanwhile' },
  wrong_state: { status: 409, retry: false, title: 'Not possible in the state it is in' },
  invalid_policy: { status: 422, retry: false, title: 'The rules are not valid' },
  not_activated: { status: 409, retry: false, title: 'The version was not activated' },
  too_many_requests: { status: 429, retry: true, title: 'Too many requests' },
  overloaded: { status: 503, retry: true, title: 'Too many declarations at once' },
  not_ready: { status: 503, retry: true, title: 'The service cannot decide now' },
  quarantined: { status: 500, retry: false, title: 'The declaration was set aside for an official' },
  internal: { status: 500, retry: false, title: 'An unexpected error' },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof ERRORS;

/** Whether it tells somebody that they may not: such answers are audited. */
export function isRefusal(code: ErrorCode): boolean {
  return code === 'unauthenticated' || code === 'forbidden' || code === 'too_many_requests';
}

/** One fault in a request: where (JSON pointer, RFC 6901) and what. */
export interface RequestFault {
  readonly pointer: string;
  readonly message: string;
}

/** An error with a code of the table. Nothing branches on its message. */
export class CorridorError extends Error {
  readonly code: ErrorCode;
  readonly faults: readonly RequestFault[];
  /** It is there, but not for who asks: told like what is not there, and audited as a refusal. */
  readonly withheld: boolean;

  constructor(
    code: ErrorCode,
    detail: string,
    options: { cause?: unknown; faults?: readonly RequestFault[]; withheld?: boolean } = {},
  ) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'CorridorError';
    this.code = code;
    this.faults = options.faults ?? [];
    this.withheld = options.withheld ?? false;
  }
}
