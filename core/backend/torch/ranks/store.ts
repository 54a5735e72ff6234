/** The store through which ranks find each other, in words instead of handles. */
import { appendFileSync } from 'node:fs'
import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { AppError } from '../../../errors/index.ts'
import type { TorchAddon } from '../binding.ts'
import { meetingWords, type RankPlace } from './place.ts'

export interface RankStore {
  /** What the addon knows it by. */
  readonly id: number
  /** Of this machine, where the other ranks reach it. */
  readonly address: string
  set(key: string, text: string): Promise<void>
  /** Null while it is not there. */
  get(key: string): Promise<string | null>
}

const retryMs = 100
const loopback = '127.0.0.1'
/** For a store that was found listening. */
const connectMs = 10_000

/**
 * Opens the store: rank 0 serves it unless somebody else does, the others wait for it.
 * @param goOn throws to end the wait
 * @throws AppError trainer-lost when it does not come up in time; port-in-use
 */
export async function openStore(addon: TorchAddon, place: RankPlace, goOn: () => void): Promise<RankStore> {
  const { meeting, rank, world } = place
  if (meeting.kind === 'file') {
    appendFileSync(meeting.path, '') // reading would wait for the file
    return wrap(addon, addon.storeFile(meeting.path, world), loopback, '')
  }
  const { host, port, isServed, prefix } = meeting
  if (rank === 0 && !isServed) {
    const id = await addon
      .storeTcp(host, port, true, connectMs)
      .catch((thrown: unknown) => Promise.reject(cannotServe(place, thrown)))
    return wrap(addon, id, (await reach(host, port)) ?? loopback, prefix)
  }
  const deadlineMs = performance.now() + place.rendezvousMs
  for (;;) {
    goOn()
    const address = await reach(host, port)
    if (address !== null) {
      return wrap(addon, await addon.storeTcp(host, port, false, connectMs), address, prefix)
    }
    if (performance.now() > deadlineMs) throw noStore(place)
    await delay(retryMs)
  }
}

function wrap(addon: TorchAddon, id: number, address: string, prefix: string): RankStore {
  return {
    id,
    address,
    set: (key, text) => addon.storeSet(id, prefix + key, text),
    get: key => addon.storeGet(id, prefix + key),
  }
}

/** This machine's own address on the way to another one's port; null while nobody listens there. */
function reach(host: string, port: number): Promise<string | null> {
  return new Promise(resolve => {
    const socket = connect({ host, port, timeout: 2000 })
    const end = (address: string | null): void => {
      resolve(address)
      socket.destroy()
    }
    // An IPv4 address may come in the clothes of IPv6.
    socket.on('connect', () => end(socket.localAddress?.replace(/^::ffff:/, '') ?? null))
    socket.on('error', () => end(null))
    socket.on('timeout', () => end(null))
  })
}

function noStore(place: RankPlace): AppError {
  const seconds = Math.round(place.rendezvousMs / 1000)
  const message = `Rank 0 of ${place.world} did not come within ${seconds} s: nobody listens at ${meetingWords(place.meeting)}. Start every rank with the same MASTER_ADDR and MASTER_PORT`
  return new AppError('trainer-lost', message, { ranks: [0], world: place.world })
}

function cannotServe(place: RankPlace, thrown: unknown): AppError {
  const reason = thrown instanceof Error ? thrown.message : String(thrown)
  const at = meetingWords(place.meeting)
  if (/address already in use|EADDRINUSE/i.test(reason)) {
    const message = `${at}: the port is taken, so that the ranks cannot meet there. Choose another MASTER_PORT for all of them`
    return new AppError('port-in-use', message, { field: 'MASTER_PORT', value: at }, thrown)
  }
  const message = `${at}: rank 0 cannot listen there (${reason}). MASTER_ADDR must be an address of the machine that rank 0 runs on`
  return new AppError('invalid-config', message, { field: 'MASTER_ADDR', value: at }, thrown)
}
