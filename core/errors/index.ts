export { AppError, errorCodes } from './AppError.ts'
export type { ErrorCode, ErrorDetails, ErrorReply } from './AppError.ts'
