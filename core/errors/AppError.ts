/** Every kind of failure the workbench tells apart. The interface branches on the code, never on the text. */
export const errorCodes = [
  'backend-unavailable', // a compute backend is not installed or failed its self-test
  'cancelled', // the user stopped it
  'checkpoint-damaged', // a checkpoint file is missing, truncated or fails its hash
  'checkpoint-mismatch', // a valid checkpoint that does not fit the model or data set
  'conflict', // the thing is in a state that does not allow this
  'data-invalid', // a data set or image breaks its format
  'data-unreadable', // a file or folder cannot be read
  'disk-full', // no space left where the workbench writes
  'forbidden', // the caller may not do this
  'internal', // a defect of the workbench
  'invalid-config', // a configuration value is unknown or out of range
  'invalid-request', // a call's arguments break the contract
  'not-finite', // a loss or gradient became NaN or infinite and the policy stops the run
  'not-found', // no such id
  'out-of-memory', // the process or device ran out of memory
  'port-in-use', // the web host cannot bind its port
  'store-damaged', // the experiment store fails its integrity check
  'store-in-use', // another host holds the experiment store
  'store-newer', // the store was written by a newer version
  'trainer-lost', // a child process died or hung
  'unknown-name', // a registry has no entry of that name
] as const

export type ErrorCode = (typeof errorCodes)[number]

/** What an error is about, in plain values that survive JSON: file, field, value, expected, remedy, known names. */
export type ErrorDetails = Readonly<Record<string, unknown>>

/** An error as it crosses a process border. */
export interface ErrorReply {
  readonly code: ErrorCode
  readonly message: string
  readonly details: ErrorDetails
}

/**
 * The one error class of the workbench.
 *
 * The message says where, what was expected, what was found and, if known, the remedy:
 * `training.epochs: expected an integer from 1 to 10000, got 0`.
 */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly details: ErrorDetails

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'AppError'
    this.code = code
    this.details = details
  }

  /** The error as plain data, for a message to another process. */
  toReply(): ErrorReply {
    return { code: this.code, message: this.message, details: this.details }
  }

  /** Rebuilds an error that came from another process. */
  static fromReply(reply: ErrorReply): AppError {
    return new AppError(reply.code, reply.message, reply.details)
  }

  /** Wraps anything that was thrown; an AppError stays as it is, a full disk is recognised. */
  static from(thrown: unknown, context = ''): AppError {
    if (thrown instanceof AppError) return thrown
    const errno = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : ''
    const message =
      reasonOfErrno(thrown, errno, context) ?? (thrown instanceof Error ? thrown.message : String(thrown))
    const where = context === '' ? '' : `${context}: `
    const code = codeOfErrno(errno)
    return new AppError(code, `${where}${message}`, errno === '' ? {} : { errno }, thrown)
  }
}

/** What the system's error numbers mean to a person, and what helps. */
const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'permission denied. Allow this user to read and, where the workbench writes, to write it',
  EPERM: 'the system does not permit it',
  EROFS: 'the file system is read-only. Choose a folder that can be written to',
  EEXIST: 'something else is there already',
  ENOTDIR: 'a part of the path is a file and not a folder',
  EISDIR: 'it is a folder and not a file',
  EMFILE: 'too many files are open. Raise the limit (ulimit -n)',
  ENOSPC: 'the disk is full. Free some space and try again',
  EDQUOT: 'the quota is used up. Free some space and try again',
  EIO: 'the disk reports an error. Check it, and try again',
}

/** The reason with the path it is about, unless the context names it; null for other errors than the file system's. */
function reasonOfErrno(thrown: unknown, errno: string, context: string): string | null {
  const reason = reasons[errno]
  if (reason === undefined) return null
  const path = thrown instanceof Error && 'path' in thrown ? String(thrown.path) : ''
  return path === '' || context.includes(path) ? reason : `${path}: ${reason}`
}

const unreadable = ['ENOENT', 'EACCES', 'EPERM', 'EIO', 'EROFS', 'EEXIST', 'ENOTDIR', 'EISDIR', 'EMFILE']

function codeOfErrno(errno: string): ErrorCode {
  if (errno === 'ENOSPC' || errno === 'EDQUOT' || errno === 'SQLITE_FULL') return 'disk-full'
  if (unreadable.includes(errno)) return 'data-unreadable'
  if (errno === 'EADDRINUSE') return 'port-in-use'
  return 'internal'
}
