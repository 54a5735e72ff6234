/** Trains as one of several ranks: meets the others, and tells them why when it ends before they do. */
import { joinRanks, type TorchCollective } from '../backend/torch/ranks/collective.ts'
import { waitingWords, type RankPlace } from '../backend/torch/ranks/place.ts'
import { AppError } from '../errors/index.ts'
import { train } from '../training/index.ts'
import type { TrainOrder, TrainOutcome, TrainPorts } from '../training/index.ts'

type Ports = Omit<TrainPorts, 'collective'>

/**
 * @param order what to train; null for a rank that has no host: it takes the order of rank 0
 * @throws AppError as `train` does; trainer-lost that names the ranks that did not come or went away
 */
export async function trainAsRank(
  place: RankPlace,
  order: TrainOrder | null,
  ports: Ports,
): Promise<TrainOutcome> {
  let joined: TorchCollective | null = null
  const goOn = (): void => {
    if (ports.interruption() !== null) throw new AppError('cancelled', 'Interrupted before the first step')
  }
  const join = async (): Promise<TorchCollective> => (joined = await joinRanks(place, goOn))
  try {
    if (order !== null)
      return await train(order, {
        ...ports,
        collective: () => withOrder(join, order),
        // Ranks that people start may come late, or never; those of the workbench come together.
        ...(place.meeting.kind === 'tcp' && { waitingFor: waitingWords(place) }),
      })
    const startBackend: Ports['startBackend'] = (_, storages, device) =>
      ports.startBackend('torch', storages, device)
    await startBackend('torch', [])
    const collective = await join()
    const given = JSON.parse(await collective.share(null)) as TrainOrder
    return await train(given, { ...ports, startBackend, collective: async () => collective })
  } catch (thrown) {
    const error = AppError.from(thrown)
    // Who ends because another rank is gone is not the cause.
    if (!('ranks' in error.details)) await leave(joined, error)
    throw error
  }
}

/** Ranks with an order of their own take part in the handing over as well: all make the same calls. */
async function withOrder(join: () => Promise<TorchCollective>, order: TrainOrder): Promise<TorchCollective> {
  const collective = await join()
  await collective.share(collective.rank === 0 ? JSON.stringify(order) : null)
  return collective
}

async function leave(joined: TorchCollective | null, error: AppError): Promise<void> {
  await joined?.leave(error.message)
}
