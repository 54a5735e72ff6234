/** What the crash harness and its short form in the tests both do. */
import assert from 'node:assert/strict'
import { fork, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { listCheckpoints, newestValid, verifyCheckpoint } from '../../core/checkpoints/index.ts'
import { train } from '../../core/training/index.ts'
import type { FromTrainer, Phase, TrainOrder } from '../../core/training/index.ts'
import type { Stage } from './faultyFs.ts'
import { finalTensors, recorder, tinyOrder, type TinyPlace } from './tinyRun.ts'

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url))

/** Two checkpoints are kept, so that every save from the third on deletes one. */
const changes = { 'checkpoints.everySteps': 1, 'checkpoints.keepLast': 2, 'checkpoints.keepBest': 0 }

/** The final bytes of a run that nothing happens to. */
export async function undisturbed(place: TinyPlace): Promise<Buffer> {
  const folder = join(place.folder, 'undisturbed')
  await train(tinyOrder(place, changes, { folder }), recorder())
  return (await finalTensors(folder)).tensors
}

/**
 * Kills a training process by SIGKILL at a stage of its `save`-th save; then checks that every finished checkpoint is whole, that
 * at most one save is lost, and that the resumed run ends in the reference's bytes with nothing left over.
 */
export async function killWhileSaving(
  place: TinyPlace,
  stage: Stage,
  save: number,
  reference: Buffer,
): Promise<void> {
  const folder = join(place.folder, `killed-${stage.replaceAll(' ', '-')}-${save}`)
  const order = tinyOrder(place, changes, { folder })
  const child = spawn(process.execPath, [here('killedChild.ts'), JSON.stringify({ order, stage, save })], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
  assert.deepEqual([code, signal], [null, 'SIGKILL'], 'the process was to die by its own signal')

  const checkpoints = join(folder, 'checkpoints')
  const names = await listCheckpoints(checkpoints)
  for (const name of names) {
    assert.equal((await verifyCheckpoint(join(checkpoints, name))).status, 'valid', `${name} after ${stage}`)
  }
  const isRenamed = stage === 'before folder fsync' || stage === 'while deleting'
  const newestStep = isRenamed ? save : save - 1
  assert.equal(names[0], newestStep === 0 ? undefined : `step-${String(newestStep).padStart(8, '0')}`)

  const ports = recorder()
  const outcome = await train({ ...order, resume: true, attempt: 2 }, ports)
  assert.equal(outcome.outcome, 'finished')
  assert.equal(ports.of('ready')[0]!.fromStep, newestStep)
  const { tensors } = await finalTensors(folder)
  assert.ok(tensors.equals(reference), `the weights differ after dying ${stage} of save ${save}`)
  const left = (await readdir(checkpoints)).filter(name => !name.startsWith('step-'))
  assert.deepEqual(left, [])
  await rm(folder, { recursive: true })
}

/** Changes one byte, or cuts the file there; the checkpoint must be found out, and the one before it used. */
export async function damageAndLoad(
  checkpoints: string,
  file: string,
  position: number,
  how: 'flip' | 'cut',
): Promise<void> {
  const [newest, before] = await listCheckpoints(checkpoints)
  const path = join(checkpoints, newest!, file)
  const whole = await readFile(path)
  const at = position % whole.length
  const damaged = how === 'cut' ? whole.subarray(0, at) : Buffer.from(whole)
  if (how === 'flip') damaged[at]! ^= 1 << (position % 8)
  await writeFile(path, damaged)
  const told: string[] = []
  const found = await newestValid(checkpoints, ({ name }) => told.push(name))
  // A flip in the white space or in a number's last digit of the manifest may leave its meaning as it was.
  const isHarmless = file === 'manifest.json' && found === join(checkpoints, newest!)
  if (!isHarmless) {
    assert.equal(found, join(checkpoints, before!), `${how} at byte ${at} of ${file} was not noticed`)
    assert.deepEqual(told, [newest])
    await rename(join(checkpoints, `damaged-${newest!}`), join(checkpoints, newest!))
  }
  await writeFile(path, whole)
}

/** Kills a host by SIGKILL once its trainer has begun; the trainer must save and end by itself. */
export async function killHost(order: TrainOrder): Promise<{ readonly checkpoint: string }> {
  const host = spawn(process.execPath, [here('fakeHost.ts'), JSON.stringify(order)], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  let pid = 0
  for await (const line of createInterface({ input: host.stdout })) {
    const message = JSON.parse(line) as { pid?: number; type?: string }
    pid ||= message.pid ?? 0
    if (message.type === 'points') break
  }
  assert.ok(pid > 0 && isAlive(pid), 'the trainer must run before its host is killed')
  host.kill('SIGKILL')
  const deadline = Date.now() + 30_000
  while (isAlive(pid) && Date.now() < deadline) await delay(50)
  assert.ok(!isAlive(pid), `the trainer ${pid} is an orphan`)
  const newest = await newestValid(join(order.folder, 'checkpoints'))
  assert.ok(newest !== null, 'the trainer saved nothing')
  return { checkpoint: newest }
}

/** A real trainer process with its messages. */
export interface StartedTrainer {
  readonly process: ChildProcess
  readonly messages: FromTrainer[]
  /** Resolves at the first message of a type. */
  until(type: FromTrainer['type']): Promise<void>
  /** Resolves when the run first enters a phase. */
  untilPhase(phase: Phase['phase']): Promise<void>
  /** Exit code, or the signal's name. */
  readonly ended: Promise<number | string>
}

/** @param hangLimitMs the trainer's limit for what hangs, when it is not to be its own */
export function startTrainer(order: TrainOrder, hangLimitMs?: number): StartedTrainer {
  const args = hangLimitMs === undefined ? [] : [String(hangLimitMs)]
  const child = fork(here('../../core/processes/trainer.ts'), args, {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  const messages: FromTrainer[] = []
  const ended = once(child, 'exit').then(([code, signal]) => (code as number | null) ?? (signal as string))
  child.on('message', message => messages.push(message as FromTrainer))
  child.send({ type: 'train', order })
  const has = async (what: string, isIt: (message: FromTrainer) => boolean): Promise<void> => {
    const deadline = Date.now() + 30_000
    while (!messages.some(isIt)) {
      assert.ok(Date.now() < deadline, `no ${what} within 30 s`)
      await delay(2)
    }
  }
  return {
    process: child,
    messages,
    until: type => has(`message '${type}'`, message => message.type === type),
    untilPhase: phase => has(`phase '${phase}'`, one => one.type === 'phase' && one.phase.phase === phase),
    ended,
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
