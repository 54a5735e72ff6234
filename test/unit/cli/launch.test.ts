/** Launch files and the table of a file of weights, from the outside. Scripts run with stand-ins for torchrun and Slurm's programs. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { after, before, test } from 'node:test'
import { parseAllDocuments } from 'yaml'
import { parseConfig, parseYaml } from '../../../core/experiment/index.ts'
import { placeFromEnvironment } from '../../../core/processes/rankPlace.ts'
import { multigrain, type Answer } from './program.ts'

let folder: string
const run = (...args: string[]): Promise<Answer> => multigrain(join(folder, 'home'), args)
const hostile = `it's $(touch harmed) "all" \`of\` it; é`

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'multigrain-launch-'))
  mkdirSync(join(folder, 'bin'))
  // Each prints its arguments, one a line, and where the ranks meet.
  const print = '#!/bin/sh\nfor each in "$@"; do printf "%s\\n" "$each"; done\n'
  stub('torchrun', print)
  stub('srun', `${print}printf "%s:%s\\n" "$MASTER_ADDR" "$MASTER_PORT"\n`)
  stub('scontrol', '#!/bin/sh\nprintf "node-a\\nnode-b\\n"\n')
})
after(() => rmSync(folder, { recursive: true, force: true }))

const setting = ['--preset', 'sample', '--set', 'training.batchSize=64', '--data', hostile, '--name', hostile]
const trainArgs = ['node', 'main/launch.mjs', 'cli', 'train', ...setting]
trainArgs.splice(8, 0, '--ranks', '1')

test(
  'torchrun: a script whose words mean nothing but themselves',
  { skip: process.platform === 'win32' },
  async () => {
    const out = join(folder, 'one.sh')
    const answer = await run(
      'launch',
      '--for',
      'torchrun',
      ...setting,
      '--ranks',
      '4',
      '--out',
      out,
      '--json',
    )
    assert.equal(answer.code, 0, answer.err)
    assert.deepEqual(script(out), ['--standalone', '--nproc-per-node=4', '--no-python', ...trainArgs])
    const again = await run('launch', '--for', 'torchrun', ...setting, '--ranks', '4', '--out', out)
    assert.equal(again.code, 2)
    assert.match(again.err, /--out: the file is there already; --force/)
  },
)

test('Slurm: the ranks meet at the first machine', { skip: process.platform === 'win32' }, async () => {
  const out = join(folder, 'job.sh')
  const size = ['--ranks', '8', '--nodes', '2', '--gpus']
  const answer = await run('launch', '--for', 'slurm', ...setting, ...size, '--out', out, '--json')
  assert.equal(answer.code, 0, answer.err)
  const text = readFileSync(out, 'utf8')
  for (const line of ['--nodes=2', '--ntasks=8', '--ntasks-per-node=4', '--gpus-per-node=4'])
    assert.ok(text.includes(`\n#SBATCH ${line}\n`), line)
  const words = script(out, { SLURM_JOB_ID: '4321', SLURM_JOB_NODELIST: 'node-[a-b]' })
  assert.deepEqual(words, [...trainArgs, 'node-a:29821'])
  const [MASTER_ADDR, MASTER_PORT] = words.at(-1)!.split(':')
  const slurm = { SLURM_PROCID: '5', SLURM_NTASKS: '8', SLURM_NTASKS_PER_NODE: '4', SLURM_NNODES: '2' }
  const place = placeFromEnvironment({ ...slurm, MASTER_ADDR, MASTER_PORT })!
  assert.deepEqual([place.rank, place.world, place.localWorld], [5, 8, 4])
  assert.partialDeepStrictEqual(place.meeting, { kind: 'tcp', host: 'node-a', port: 29_821 })
})

test('Kubernetes: a PyTorchJob of one pod a rank, with the whole configuration', async () => {
  const out = join(folder, 'job.yaml')
  const pods = ['--ranks', '4', '--image', 'registry/multigrain:1', '--claim', 'images', '--gpus']
  const answer = await run('launch', '--for', 'kubernetes', ...setting, ...pods, '--out', out, '--json')
  assert.equal(answer.code, 0, answer.err)
  const [map, job] = parseAllDocuments(readFileSync(out, 'utf8')).map(each => each.toJS() as Manifest)
  const text = map!.data['config.yaml']!
  const config = parseConfig(parseYaml(text, 'config.yaml'))
  assert.deepEqual([config.training.batchSize, config.training.ranks], [64, 1])
  assert.deepEqual([job!.apiVersion, job!.kind], ['kubeflow.org/v1', 'PyTorchJob'])
  const { Master, Worker } = job!.spec.pytorchReplicaSpecs
  assert.deepEqual([Master!.replicas, Worker!.replicas], [1, 3])
  const [container] = Master!.template.spec.containers
  assert.equal(container!.name, 'pytorch')
  assert.deepEqual(container!.command.slice(0, 6), [
    ...trainArgs.slice(0, 4),
    '--config',
    '/etc/multigrain/config.yaml',
  ])
  assert.ok(container!.command.includes(hostile))
})

test('what cannot be parted among ranks is refused', async () => {
  const out = join(folder, 'never.sh')
  const launch = (...args: string[]): Promise<Answer> =>
    run('launch', '--for', 'torchrun', '--preset', 'sample', '--out', out, ...args)
  const [odd, machines] = await Promise.all([launch('--ranks', '7'), launch('--ranks', '4', '--nodes', '3')])
  assert.match(odd.err, /training\.batchSize: expected a multiple of 7/)
  assert.match(machines.err, /--ranks: expected a multiple of the 3 machines, got '4'/)
  assert.deepEqual([odd.code, machines.code], [2, 2])
})

test('weights lists a state dict and says what a network would take', async () => {
  const file = join(import.meta.dirname, '..', '..', 'fixtures', 'importing', 'plain.pth')
  const { code, json, err } = await run('weights', file, '--model', 'cifar-resnet8', '--json')
  assert.equal(code, 0, err)
  const { kind, tensors, fit } = json as {
    kind: string
    tensors: unknown[]
    fit: { missing: string[]; different: unknown[] }
  }
  assert.equal(kind, 'state-dict')
  assert.deepEqual(tensors[0], { name: 'conv1.weight', type: 'F32', shape: [4, 3, 3, 3] })
  assert.ok(fit.missing.includes('layer1.0.conv1.weight') && fit.different.length > 0)
})

interface Replica {
  replicas: number
  template: { spec: { containers: { name: string; command: string[] }[] } }
}
interface Manifest {
  apiVersion: string
  kind: string
  data: Record<string, string>
  spec: { pytorchReplicaSpecs: Record<string, Replica> }
}

function stub(name: string, text: string): void {
  writeFileSync(join(folder, 'bin', name), text)
  chmodSync(join(folder, 'bin', name), 0o755)
}

function script(path: string, env: Record<string, string> = {}): string[] {
  const PATH = `${join(folder, 'bin')}${delimiter}${process.env['PATH'] ?? ''}`
  const shell = readFileSync(path, 'utf8').startsWith('#!/bin/bash') ? 'bash' : 'sh'
  return execFileSync(shell, [path], { env: { ...process.env, ...env, PATH }, encoding: 'utf8' })
    .trimEnd()
    .split('\n')
}
