/**
 * Which rank a process is, from the environment in which it was started: `RANK` and `WORLD_SIZE` as torchrun and Kubernetes set them,
 * else Slurm's `SLURM_PROCID`, else Open MPI's and MPICH's own. The ranks of a run that the workbench starts meet in a file; all others
 * at `MASTER_ADDR`:`MASTER_PORT`.
 */
import { AppError } from '../errors/index.ts'
import type { RankPlace } from '../backend/torch/ranks/place.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** Variable by which the workbench tells its children where to meet: a file, or `environment`. */
export const meetingVariable = 'MULTIGRAIN_RANKS'

/** Who sets the variables of a rank, and what they are called. The first set that is there counts. */
const launchers = [
  { rank: 'RANK', world: ['WORLD_SIZE'], local: ['LOCAL_WORLD_SIZE'] },
  {
    rank: 'SLURM_PROCID',
    world: ['SLURM_STEP_NUM_TASKS', 'SLURM_NTASKS'],
    local: ['SLURM_STEP_TASKS_PER_NODE', 'SLURM_NTASKS_PER_NODE'],
  },
  { rank: 'OMPI_COMM_WORLD_RANK', world: ['OMPI_COMM_WORLD_SIZE'], local: ['OMPI_COMM_WORLD_LOCAL_SIZE'] },
  { rank: 'PMI_RANK', world: ['PMI_SIZE'], local: ['MPI_LOCALNRANKS'] },
] as const

const defaultPort = 29_500
/** Ranks of one command start together; those of a cluster wait for each other's machines. */
const defaultSeconds = { file: 60, tcp: 300, collective: 600 } as const

/**
 * The place that the environment gives this process; null when it trains alone.
 * @throws AppError invalid-config that names the variable
 */
export function placeFromEnvironment(env: Environment): RankPlace | null {
  const launcher = launchers.find(({ rank, world }) => env[rank] !== undefined && first(env, world) !== null)
  if (!launcher) return null
  const worldName = first(env, launcher.world)!
  const world = integer(env, worldName, 1, 65_536)
  const rank = integer(env, launcher.rank, 0, world - 1)
  if (world === 1) return null
  const file = fileOf(env)
  const localName = first(env, launcher.local)
  // Slurm writes `2(x3)` for two on each of three machines.
  const given = localName === null ? NaN : Number.parseInt(env[localName]!, 10)
  const meeting = file === null ? portOf(env, given === world) : ({ kind: 'file', path: file } as const)
  const isHere = meeting.kind === 'file' || isLoopback(meeting.host)
  return {
    rank,
    world,
    localWorld: given >= 1 ? given : isHere ? world : 1,
    meeting,
    rendezvousMs: 1000 * seconds(env, 'MULTIGRAIN_RENDEZVOUS_SECONDS', defaultSeconds[meeting.kind]),
    collectiveMs: 1000 * seconds(env, 'MULTIGRAIN_COLLECTIVE_SECONDS', defaultSeconds.collective),
  }
}

function portOf(env: Environment, isOneMachine: boolean): RankPlace['meeting'] {
  const isLocal = isOneMachine || env['SLURM_NNODES'] === '1'
  const host = env['MASTER_ADDR'] ?? (isLocal ? '127.0.0.1' : null)
  if (host === null || host === '') {
    const message =
      'MASTER_ADDR: expected the name or address of the machine that rank 0 runs on, the same for all ranks, got nothing'
    throw new AppError('invalid-config', message, { field: 'MASTER_ADDR' })
  }
  const port = env['MASTER_PORT'] === undefined ? defaultPort : integer(env, 'MASTER_PORT', 1, 65_535)
  const isServed = /^true$/i.test(env['TORCHELASTIC_USE_AGENT_STORE'] ?? '')
  // The store of torchrun stays when it starts its processes anew.
  const prefix = isServed ? `multigrain/${env['TORCHELASTIC_RESTART_COUNT'] ?? 0}/` : ''
  return { kind: 'tcp', host, port, isServed, prefix }
}

function fileOf(env: Environment): string | null {
  const meeting = env[meetingVariable]
  return meeting === undefined || meeting === 'environment' ? null : meeting
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.')
}

function first(env: Environment, names: readonly string[]): string | null {
  return names.find(name => env[name] !== undefined) ?? null
}

function integer(env: Environment, name: string, min: number, max: number): number {
  const text = env[name] ?? ''
  const value = /^\d+$/.test(text) ? Number(text) : NaN
  if (value >= min && value <= max) return value
  const message = `${name}: expected a whole number from ${min} to ${max}, got '${text}'`
  throw new AppError('invalid-config', message, { field: name, value: text })
}

function seconds(env: Environment, name: string, fallback: number): number {
  return env[name] === undefined ? fallback : integer(env, name, 1, 7 * 24 * 3600)
}
