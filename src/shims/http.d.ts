/** Declarations for the part of `@std/http` that is used here. */

export interface Cookie {
  name: string;
  value: string;
  expires?: Date | number;
  /** Seconds. */
  maxAge?: number;
  domain?: string;
  path?: string;
  secure?: boolean;
  httpOnly?: boolean;
  partitioned?: boolean;
  sameSite?: "Strict" | "Lax" | "None";
  unparsed?: string[];
}

/** Throws `SyntaxError` when a cookie has no name. */
export declare function getCookies(headers: Headers): Record<string, string>;
export declare function setCookie(headers: Headers, cookie: Cookie): void;
export declare function deleteCookie(
  headers: Headers,
  name: string,
  attributes?: Pick<Cookie, "path" | "domain" | "secure" | "httpOnly" | "sameSite" | "partitioned">,
): void;

export interface ETagOptions {
  /** @default "SHA-256" */
  algorithm?: "SHA-1" | "SHA-256" | "SHA-384" | "SHA-512";
  /** @default false */
  weak?: boolean;
}

export declare function eTag(entity: string | Uint8Array, options?: ETagOptions): Promise<string>;
export declare function ifMatch(value: string | null, etag: string | undefined): boolean;
/** Whether the body has to be sent. */
export declare function ifNoneMatch(value: string | null, etag: string | undefined): boolean;

/** The part of a request that negotiation reads. */
interface HasHeaders {
  readonly headers: Headers;
}

export declare function accepts(request: HasHeaders): string[];
/** The best of `types`, most wanted by the server first; `undefined` when none will do. */
export declare function accepts(request: HasHeaders, ...types: string[]): string | undefined;
export declare function acceptsEncodings(request: HasHeaders): string[];
export declare function acceptsEncodings(
  request: HasHeaders,
  ...encodings: string[]
): string | undefined;

export interface ServerSentEventMessage {
  comment?: string;
  event?: string;
  data?: string;
  id?: string | number;
  /** Milliseconds. */
  retry?: number;
}

export declare class ServerSentEventStream
  extends TransformStream<ServerSentEventMessage, Uint8Array<ArrayBuffer>> {
  constructor();
}

export declare class ServerSentEventParseStream
  extends TransformStream<Uint8Array<ArrayBuffer>, ServerSentEventMessage & { id?: string }> {
  constructor(options?: { ignoreComments?: boolean });
}

export declare const STATUS_CODE: {
  readonly Continue: 100;
  readonly SwitchingProtocols: 101;
  readonly Processing: 102;
  readonly EarlyHints: 103;
  readonly OK: 200;
  readonly Created: 201;
  readonly Accepted: 202;
  readonly NonAuthoritativeInfo: 203;
  readonly NoContent: 204;
  readonly ResetContent: 205;
  readonly PartialContent: 206;
  readonly MultiStatus: 207;
  readonly AlreadyReported: 208;
  readonly IMUsed: 226;
  readonly MultipleChoices: 300;
  readonly MovedPermanently: 301;
  readonly Found: 302;
  readonly SeeOther: 303;
  readonly NotModified: 304;
  readonly UseProxy: 305;
  readonly TemporaryRedirect: 307;
  readonly PermanentRedirect: 308;
  readonly BadRequest: 400;
  readonly Unauthorized: 401;
  readonly PaymentRequired: 402;
  readonly Forbidden: 403;
  readonly NotFound: 404;
  readonly MethodNotAllowed: 405;
  readonly NotAcceptable: 406;
  readonly ProxyAuthRequired: 407;
  readonly RequestTimeout: 408;
  readonly Conflict: 409;
  readonly Gone: 410;
  readonly LengthRequired: 411;
  readonly PreconditionFailed: 412;
  readonly ContentTooLarge: 413;
  readonly URITooLong: 414;
  readonly UnsupportedMediaType: 415;
  readonly RangeNotSatisfiable: 416;
  readonly ExpectationFailed: 417;
  readonly Teapot: 418;
  readonly MisdirectedRequest: 421;
  readonly UnprocessableEntity: 422;
  readonly Locked: 423;
  readonly FailedDependency: 424;
  readonly TooEarly: 425;
  readonly UpgradeRequired: 426;
  readonly PreconditionRequired: 428;
  readonly TooManyRequests: 429;
  readonly RequestHeaderFieldsTooLarge: 431;
  readonly UnavailableForLegalReasons: 451;
  readonly InternalServerError: 500;
  readonly NotImplemented: 501;
  readonly BadGateway: 502;
  readonly ServiceUnavailable: 503;
  readonly GatewayTimeout: 504;
  readonly HTTPVersionNotSupported: 505;
  readonly VariantAlsoNegotiates: 506;
  readonly InsufficientStorage: 507;
  readonly LoopDetected: 508;
  readonly NotExtended: 510;
  readonly NetworkAuthenticationRequired: 511;
};

export type StatusCode = typeof STATUS_CODE[keyof typeof STATUS_CODE];

export declare const STATUS_TEXT: { readonly [K in StatusCode]: string };
