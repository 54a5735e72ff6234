/**
 * The crash harness: `npm run crash [-- --count 100] [--only saving|damage|full|host]`.
 *
 * SIGKILL at each stage of saving, `count` times over with ever other saves; a full disk, by injected errors at every call and, as
 * root on Linux, on a real small file system; bit flips and cuts in every file of a checkpoint; the host killed under a running
 * trainer. Every time: nothing lost but work since the last checkpoint, no half checkpoint taken for a whole one, and the same final
 * bytes after resuming. Ends with 1 when anything failed.
 */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { listCheckpoints, verifyCheckpoint } from '../../core/checkpoints/index.ts'
import { train } from '../../core/training/index.ts'
import { failingFs, stages } from './faultyFs.ts'
import { damageAndLoad, killHost, killWhileSaving, undisturbed } from './scenarios.ts'
import { recorder, tinyOrder, tinyPlace, type TinyPlace } from './tinyRun.ts'

const { values } = parseArgs({
  options: { count: { type: 'string', default: '100' }, only: { type: 'string' } },
})
const count = Number(values.count)
const results = { passed: 0, failed: 0 }

const place = await tinyPlace()
try {
  const reference = await undisturbed(place)
  if (isWanted('saving')) await saving(reference)
  if (isWanted('damage')) await damage()
  if (isWanted('full')) await fullDisk()
  if (isWanted('host')) await deadHosts()
} finally {
  await place.remove()
}
console.log(`${results.passed} passed, ${results.failed} failed`)
process.exitCode = results.failed > 0 ? 1 : 0

function isWanted(part: string): boolean {
  return values.only === undefined || values.only === part
}

/** The run saves ten times; each round takes another save. Two rounds at a time, as there are two cores at least. */
async function saving(reference: Buffer): Promise<void> {
  for (const stage of stages) {
    // Only from the third save on is there something to delete.
    const firstSave = stage === 'while deleting' ? 3 : 1
    const rounds = Array.from({ length: count }, (_, round) => firstSave + (round % (11 - firstSave)))
    const one = async (save: number, lane: number): Promise<void> => {
      const own: TinyPlace = { ...place, folder: join(place.folder, `lane-${lane}`) }
      await attempt(`SIGKILL ${stage} of save ${save}`, () => killWhileSaving(own, stage, save, reference))
    }
    const lanes = [0, 1].map(async lane => {
      for (const [round, save] of rounds.entries()) if (round % 2 === lane) await one(save, lane)
    })
    await Promise.all(lanes)
    report(`SIGKILL ${stage}`, count)
  }
}

async function damage(): Promise<void> {
  const checkpoints = join(place.folder, 'undisturbed', 'checkpoints')
  for (const file of ['model.safetensors', 'optimizer.safetensors', 'state.json', 'manifest.json']) {
    for (let round = 0; round < count; round++) {
      // Spread over the file, and the first bytes one by one, where the lengths stand.
      const position = round < 16 ? round : round * 7919
      for (const how of ['flip', 'cut'] as const) {
        await attempt(`${how} in ${file} at ${position}`, () =>
          damageAndLoad(checkpoints, file, position, how),
        )
      }
    }
    report(`Flips and cuts in ${file}`, 2 * count)
  }
}

async function fullDisk(): Promise<void> {
  for (const code of ['ENOSPC', 'EIO', 'EDQUOT', 'EROFS']) {
    for (let failAt = 1; failAt <= count; failAt++) {
      await attempt(`${code} at call ${failAt}`, async () => {
        const folder = join(place.folder, `${code}-${failAt}`)
        const fs = failingFs(code, failAt, failAt)
        const order = tinyOrder(place, { 'checkpoints.everySteps': 2 }, { folder })
        await train(order, recorder(undefined, fs))
        await assertWhole(join(folder, 'checkpoints'))
        await rm(folder, { recursive: true })
      })
    }
    report(`${code} while saving`, count)
  }
  await attempt('a file system that is really full', reallyFull)
  report('A file system that is really full', 1)
}

/** A tmpfs with room for two checkpoints and no third, where one may be mounted. */
async function reallyFull(): Promise<void> {
  const mountPoint = join(place.folder, 'small-disk')
  await mkdir(mountPoint)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=96k', 'tmpfs', mountPoint], { stdio: 'pipe' })
  } catch {
    console.log('  (no small file system can be mounted here: left to the injected errors)')
    return
  }
  try {
    const order = tinyOrder(place, {}, { folder: join(mountPoint, 'run') })
    const ports = recorder()
    await assert.rejects(train(order, ports), { code: 'disk-full' })
    const checkpoints = join(mountPoint, 'run', 'checkpoints')
    await assertWhole(checkpoints)
    const kept = await listCheckpoints(checkpoints)
    assert.ok(kept.length >= 2, `${kept.length} checkpoints fit`)
    assert.ok(ports.logs('warning').some(text => text.includes('the disk is full') && text.includes('bytes')))
    // Even when something else takes the last bytes in the middle of a save.
    await writeFile(join(mountPoint, 'filler'), Buffer.alloc(1024)).catch(() => {})
    await rm(join(checkpoints, kept.at(-1)!), { recursive: true })
    await assert.rejects(train({ ...order, resume: true, attempt: 2 }, recorder()), { code: 'disk-full' })
    await assertWhole(checkpoints)
  } finally {
    execFileSync('umount', [mountPoint])
  }
}

async function deadHosts(): Promise<void> {
  const rounds = Math.max(1, Math.ceil(count / 10))
  const changes = { 'training.epochs': 5000, 'training.evaluateEveryEpochs': 2, 'checkpoints.everySteps': 0 }
  for (let round = 0; round < rounds; round++) {
    const order = tinyOrder(place, changes, { folder: join(place.folder, `host-${round}`) })
    await attempt('host killed', () => killHost(order))
  }
  report('Host killed under a running trainer', rounds)
}

async function assertWhole(checkpoints: string): Promise<void> {
  const names = await readdir(checkpoints)
  assert.deepEqual(
    names.filter(name => !name.startsWith('step-')),
    [],
  )
  for (const name of names) assert.equal((await verifyCheckpoint(join(checkpoints, name))).status, 'valid')
}

async function attempt(what: string, act: () => Promise<unknown>): Promise<void> {
  try {
    await act()
    results.passed++
  } catch (error) {
    results.failed++
    console.error(`FAILED: ${what}\n`, error)
  }
}

function report(what: string, times: number): void {
  console.log(`${what}: ${times} ${times === 1 ? 'time' : 'times'}; ${results.failed} failed so far`)
}
