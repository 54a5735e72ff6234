/** The backend that is held to PyTorch; PARITY_BACKEND names another one, as `npm run verify:gpu` does. */
export const parityBackend = process.env['PARITY_BACKEND'] ?? 'wasm'
