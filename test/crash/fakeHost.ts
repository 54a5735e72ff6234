/**
 * A host that does nothing but start a trainer and pass on what it says, one JSON object a line, so that a test can kill it:
 * `node fakeHost.ts '<order>' [hangLimitMs]`. The first line holds the trainer's process id.
 */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const trainer = fork(
  fileURLToPath(new URL('../../core/processes/trainer.ts', import.meta.url)),
  process.argv.slice(3),
  {
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  },
)
console.log(JSON.stringify({ pid: trainer.pid }))
trainer.on('message', message => console.log(JSON.stringify(message)))
trainer.send({ type: 'train', order: JSON.parse(process.argv[2]!) as unknown })
