/**
 * Collectives of libtorch's c10d between the ranks of a run. Gloo carries what is agreed on, and the tensors of the main memory;
 * those of CUDA go through NCCL where the libtorch has it.
 */
import * as tf from '@tensorflow/tfjs-core'
import type { Tensor } from '@tensorflow/tfjs-core'
import { availableParallelism } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { AppError } from '../../../errors/index.ts'
import { TorchBackend } from '../backend.ts'
import type { Handle } from '../binding.ts'
import { LostRanks } from './lostRanks.ts'
import { meetingWords, type RankPlace } from './place.ts'
import { meet } from './rendezvous.ts'
import { openStore, type RankStore } from './store.ts'

const sharePollMs = 20

/**
 * Meets the other ranks; the backend `torch` must be the current one.
 * @param goOn asked while waiting; throws to end the wait
 * @throws AppError trainer-lost that names the ranks that did not come; backend-unavailable on another backend
 */
export async function joinRanks(place: RankPlace, goOn: () => void): Promise<TorchCollective> {
  const backend = tf.backend()
  if (!(backend instanceof TorchBackend)) throw wrongBackend(place)
  const { addon, device } = backend
  if (process.env['OMP_NUM_THREADS'] === undefined)
    addon.setThreads(Math.max(1, Math.floor(availableParallelism() / place.localWorld)))
  const store = await openStore(addon, place, goOn)
  await meet(store, place, goOn)
  const lost = new LostRanks(store, place)
  const open = (transport: string): Promise<number> =>
    addon.groupOpen(
      store.id,
      transport,
      place.rank,
      place.world,
      ...([store.address, place.collectiveMs] as const),
    )
  const control = await lost.guard(open('gloo'))
  if (device === 'cpu')
    return new TorchCollective(place, { backend, store, lost, control, tensors: control }, 'gloo')
  const { tensors, transport } = await openForDevice(open, control)
  return new TorchCollective(
    place,
    { backend, store, lost, control, tensors },
    `${transport} between ${device}`,
  )
}

/** NCCL, unless this libtorch lacks it or Gloo was asked for. */
async function openForDevice(
  open: (transport: string) => Promise<number>,
  control: number,
): Promise<{ readonly tensors: number; readonly transport: string }> {
  if (process.env['MULTIGRAIN_COLLECTIVE'] === 'gloo') return { tensors: control, transport: 'gloo' }
  try {
    return { tensors: await open('nccl'), transport: 'nccl' }
  } catch (thrown) {
    if ((thrown as { code?: string }).code !== 'no-transport') throw thrown
    const reason = thrown instanceof Error ? thrown.message : String(thrown)
    return { tensors: control, transport: `gloo (slower than NCCL: ${reason})` }
  }
}

interface Links {
  readonly backend: TorchBackend
  readonly store: RankStore
  readonly lost: LostRanks
  /** Groups of the addon: for numbers in the main memory, and for tensors where the backend keeps them. */
  readonly control: number
  readonly tensors: number
}

export class TorchCollective {
  readonly rank: number
  readonly world: number
  readonly localWorld: number
  readonly transport: string
  private readonly place: RankPlace
  private readonly links: Links
  private shares = 0

  constructor(place: RankPlace, links: Links, transport: string) {
    this.rank = place.rank
    this.world = place.world
    this.localWorld = place.localWorld
    this.transport = transport
    this.place = place
    this.links = links
  }

  async mean(tensors: readonly Tensor[]): Promise<Tensor[]> {
    const { backend, lost } = this.links
    const handles = tensors.map(tensor => backend.handle(tensor))
    const shapes = tensors.map(tensor => tensor.shape)
    const sums = backend.addon.groupReduce(this.links.tensors, handles, 1 / this.world)
    tf.dispose([...tensors])
    return (await lost.guard(sums)).map((handle, at) => this.adopt(handle, shapes[at]!, 'float32'))
  }

  meanNow(tensor: Tensor): Tensor {
    const { backend, tensors } = this.links
    const handle = backend.addon.groupReduceNow(tensors, backend.handle(tensor), 1 / this.world)
    return this.adopt(handle, tensor.shape, 'float32')
  }

  sum(numbers: readonly number[]): Promise<number[]> {
    const { backend, lost, control } = this.links
    return lost.guard(backend.addon.groupSum(control, numbers))
  }

  async broadcast(tensor: Tensor): Promise<Tensor> {
    const { backend, lost } = this.links
    const copy = backend.addon.groupBroadcast(this.links.tensors, backend.handle(tensor))
    return this.adopt(await lost.guard(copy), tensor.shape, tensor.dtype)
  }

  async share(text: string | null): Promise<string> {
    const { store, lost } = this.links
    const key = `text/${this.shares++}`
    if (text !== null) {
      await lost.guard(store.set(key, text))
      return text
    }
    return lost.guard(this.arrival(key))
  }

  async barrier(): Promise<void> {
    await this.sum([0])
  }

  /** Processes that end let go of their connections; a reason is left for those who still wait. */
  async leave(reason: string | null): Promise<void> {
    if (reason !== null) await this.links.lost.leave(reason).catch(() => {})
  }

  private async arrival(key: string): Promise<string> {
    const deadlineMs = performance.now() + this.place.collectiveMs
    for (;;) {
      const found = await this.links.store.get(key)
      if (found !== null) return found
      if (performance.now() > deadlineMs)
        throw new Error(`nothing came within ${Math.round(this.place.collectiveMs / 1000)} s`)
      await delay(sharePollMs)
    }
  }

  private adopt(handle: Handle, shape: readonly number[], dtype: tf.DataType): Tensor {
    const info = this.links.backend.adopt(handle, shape, dtype)
    return tf.engine().makeTensorFromTensorInfo(info, this.links.backend)
  }
}

function wrongBackend({ world, meeting }: RankPlace): AppError {
  const remedy = "Set backend to 'torch'; `npm run -s multigrain -- setup native` builds it"
  const message = `Training with ${world} ranks (${meetingWords(meeting)}) needs the backend torch, and this run computes on ${tf.getBackend()}. ${remedy}`
  return new AppError('backend-unavailable', message, { backend: tf.getBackend(), remedy })
}
