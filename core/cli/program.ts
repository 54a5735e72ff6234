/** How a user calls this program: messages that name a command must name one that works when it is pasted. */
export const program = 'npm run -s multigrain --'
